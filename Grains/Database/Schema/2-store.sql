-- The one store whose artefacts and checkpoints the state in this database speaks of.
CREATE TABLE StoreIdentity
(
    OneRow  boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (OneRow),
    Id      uuid        NOT NULL,
    TakenAt timestamptz NOT NULL DEFAULT now()
);
