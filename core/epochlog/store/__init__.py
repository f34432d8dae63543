"""The store: schema, migrations, database flavors, the sink that fills it, series codec, blobs."""
