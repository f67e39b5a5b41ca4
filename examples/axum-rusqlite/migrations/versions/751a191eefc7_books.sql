-- books
--
-- revision: 751a191eefc7
-- down_revision: none
-- created: 2026-11-26T11:57:56Z

-- aludel: upgrade
CREATE TABLE "books" (
    isbn TEXT NOT NULL,
    title TEXT NOT NULL,
    copies INTEGER NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (isbn),
    CONSTRAINT books_isbn_check CHECK (length(isbn) = 13),
    CONSTRAINT books_copies_check CHECK (copies >= 0)
);

CREATE INDEX books_title_idx ON books (title);

-- aludel: downgrade
-- destructive: drops table books and its rows
DROP TABLE books;
