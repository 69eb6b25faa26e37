"""The only Streamlit inside sunes: what pages are made of, and the server round them."""
