"""Several processes of the application behind one address: their nginx, what starts them and keeps them going."""
