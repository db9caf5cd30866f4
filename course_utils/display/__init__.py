"""What is shown as text: messages, tables, source listings and numbers, as HTML and as plain text."""
