"""sunes: participation and attainment of the SUN-ES programme, from Parquet snapshots to screens and files."""
