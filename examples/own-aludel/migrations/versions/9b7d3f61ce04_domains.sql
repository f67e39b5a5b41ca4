-- domains of addresses
--
-- revision: 9b7d3f61ce04
-- down_revision: 4c1e08a5d2b7
-- created: 2026-11-09T09:00:00Z

-- aludel: upgrade
-- aludel: run normalise_emails
ALTER TABLE users ADD COLUMN domain text;

-- aludel: batch
-- aludel: pause = 5ms
-- aludel: run fill_domains
CREATE UNIQUE INDEX users_email_idx ON users (email);
CREATE INDEX users_domain_idx ON users (domain);

-- aludel: downgrade
DROP INDEX users_domain_idx;
DROP INDEX users_email_idx;
ALTER TABLE users DROP COLUMN domain;
