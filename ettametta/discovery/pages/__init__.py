"""What a page says: title, text, author, date, language, picture, links, metadata."""
