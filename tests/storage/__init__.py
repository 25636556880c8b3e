"""What storage promises: the writer, the state tables, sealed columns, the journal, opening."""
