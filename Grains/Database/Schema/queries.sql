-- The statements that Orleans' ADO.NET providers run, each after a line with its key. What they must take and give is the
-- providers' (10.4): parameters by name, columns by name, numbers of changed rows as one integer.

--- WriteToStorageKey
-- A version that comes back unchanged (or null, where a new row met an old one) tells Orleans that somebody else wrote:
-- of two activations of a grain at most one commits.
WITH inserted AS (
    INSERT INTO OrleansStorage
        (ServiceId, GrainTypeString, GrainIdExtensionString, GrainIdN0, GrainIdN1, PayloadBinary, ModifiedOn, Version)
    SELECT @ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1, @PayloadBinary, now(), 1
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING Version
), updated AS (
    UPDATE OrleansStorage
    SET PayloadBinary = @PayloadBinary, ModifiedOn = now(), Version = Version + 1
    WHERE ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
      AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString, '')
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND Version = @GrainStateVersion
    RETURNING Version
)
SELECT COALESCE((SELECT Version FROM inserted), (SELECT Version FROM updated), @GrainStateVersion) AS NewGrainStateVersion;

--- ReadFromStorageKey
SELECT PayloadBinary, Version
FROM OrleansStorage
WHERE ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString, '')
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1;

--- ClearStorageKey
UPDATE OrleansStorage
SET PayloadBinary = NULL, ModifiedOn = now(), Version = Version + 1
WHERE ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString, '')
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion;

--- DeleteStorageKey
DELETE FROM OrleansStorage
WHERE ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString, '')
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND Version = @GrainStateVersion
RETURNING Version + 1 AS NewGrainStateVersion;

--- InsertMembershipVersionKey
WITH inserted AS (
    INSERT INTO OrleansMembershipVersion (DeploymentId) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*)::integer FROM inserted;

--- InsertMembershipKey
-- The version is raised only together with the row: a row that is there already leaves both as they are.
WITH raised AS (
    UPDATE OrleansMembershipVersion
    SET Version = Version + 1, ChangedAt = now()
    WHERE DeploymentId = @DeploymentId AND Version = @Version
      AND NOT EXISTS (
          SELECT 1 FROM OrleansMembership
          WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation)
    RETURNING DeploymentId
), inserted AS (
    INSERT INTO OrleansMembership
        (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    SELECT DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM raised
    RETURNING 1
)
SELECT count(*)::integer FROM inserted;

--- UpdateMembershipKey
WITH raised AS (
    UPDATE OrleansMembershipVersion
    SET Version = Version + 1, ChangedAt = now()
    WHERE DeploymentId = @DeploymentId AND Version = @Version
      AND EXISTS (
          SELECT 1 FROM OrleansMembership
          WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation)
    RETURNING DeploymentId
), updated AS (
    UPDATE OrleansMembership AS member
    SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
    FROM raised
    WHERE member.DeploymentId = raised.DeploymentId
      AND member.Address = @Address AND member.Port = @Port AND member.Generation = @Generation
    RETURNING 1
)
SELECT count(*)::integer FROM updated;

--- UpdateIAmAlivetimeKey
UPDATE OrleansMembership
SET IAmAliveTime = @IAmAliveTime
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;

--- MembershipReadAllKey
-- The version comes even where there is no member.
SELECT version.DeploymentId, version.Version, member.Address, member.Port, member.Generation, member.SiloName,
       member.HostName, member.Status, member.ProxyPort, member.SuspectTimes, member.StartTime, member.IAmAliveTime
FROM OrleansMembershipVersion AS version
LEFT JOIN OrleansMembership AS member ON member.DeploymentId = version.DeploymentId
WHERE version.DeploymentId = @DeploymentId;

--- MembershipReadRowKey
SELECT version.DeploymentId, version.Version, member.Address, member.Port, member.Generation, member.SiloName,
       member.HostName, member.Status, member.ProxyPort, member.SuspectTimes, member.StartTime, member.IAmAliveTime
FROM OrleansMembershipVersion AS version
LEFT JOIN OrleansMembership AS member ON member.DeploymentId = version.DeploymentId
    AND member.Address = @Address AND member.Port = @Port AND member.Generation = @Generation
WHERE version.DeploymentId = @DeploymentId;

--- DeleteMembershipTableEntriesKey
DELETE FROM OrleansMembership WHERE DeploymentId = @DeploymentId;
DELETE FROM OrleansMembershipVersion WHERE DeploymentId = @DeploymentId;

--- CleanupDefunctSiloEntriesKey
-- 3: active.
DELETE FROM OrleansMembership
WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3;

--- GatewaysQueryKey
SELECT Address, ProxyPort, Generation
FROM OrleansMembership
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;

--- UpsertReminderRowKey
INSERT INTO OrleansReminders (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (ServiceId, GrainId, ReminderName) DO UPDATE
SET StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash,
    Version = OrleansReminders.Version + 1
RETURNING Version;

--- ReadReminderRowsKey
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansReminders
WHERE ServiceId = @ServiceId AND GrainId = @GrainId;

--- ReadReminderRowKey
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansReminders
WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName;

--- ReadRangeRows1Key
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansReminders
WHERE ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash;

--- ReadRangeRows2Key
-- A part of the ring that goes over its end.
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansReminders
WHERE ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash);

--- DeleteReminderRowKey
WITH deleted AS (
    DELETE FROM OrleansReminders
    WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName AND Version = @Version
    RETURNING 1
)
SELECT count(*)::integer FROM deleted;

--- DeleteReminderRowsKey
DELETE FROM OrleansReminders WHERE ServiceId = @ServiceId;
