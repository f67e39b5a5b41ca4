-- aludel: dialect postgres

-- Events of months that have no partition of their own.
CREATE TABLE usage_events_default PARTITION OF usage_events DEFAULT;
