-- The words as others see them, where something in them is hidden; NULL where nothing is.
ALTER TABLE posts ADD COLUMN masked TEXT;
