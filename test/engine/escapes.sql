-- Ways out of a query, one statement a line. A line `-- expect: CODE` says how the lines after it end; `harmless` ones
-- pass the gate and must then do nothing but answer. {canary} is a file with a secret outside the lake, {data} a data
-- file of the lake, {new} a file that must not come into being, {dir} the folder of both. A \n in a line is a line break.

-- expect: SQL_UNKNOWN_TABLE
-- files named as tables
SELECT * FROM '{canary}'
FROM '{canary}'
SELECT * FROM "{canary}"
SELECT * FROM '{data}'
SELECT * FROM "{data}"
TABLE '{canary}'
TABLE "{canary}"
SELECT * FROM 'file://{canary}'
SELECT * FROM 'file:{canary}'
SELECT * FROM '{dir}/*.csv'
SELECT * FROM '{dir}/**'
SELECT * FROM '{dir}/../canary.csv'
SELECT * FROM './canary.csv'
SELECT * FROM 'canary.csv'
SELECT * FROM '~/canary.csv'
SELECT * FROM '/etc/passwd'
SELECT * FROM '/proc/self/environ'
SELECT * FROM '/proc/self/mem'
SELECT * FROM '/dev/stdin'
SELECT * FROM '/dev/fd/0'
SELECT * FROM 'http://192.0.2.1/x.csv'
SELECT * FROM 'https://example.com/x.parquet'
SELECT * FROM 's3://example/x.parquet'
SELECT * FROM 'gcs://example/x.parquet'
SELECT * FROM 'azure://example/x.parquet'
SELECT * FROM 'hf://datasets/x.parquet'
SELECT * FROM '{canary}' AS events
SELECT e.* FROM events e JOIN '{canary}' c ON true
SELECT * FROM events, '{canary}'
SELECT * FROM events, LATERAL (SELECT * FROM '{canary}')
SELECT * FROM events POSITIONAL JOIN '{canary}'
SELECT * FROM events ASOF JOIN '{canary}' USING (time)
SELECT * FROM events SEMI JOIN '{canary}' ON true
SELECT (SELECT count(*) FROM '{canary}')
SELECT 1 WHERE EXISTS (FROM '{canary}')
SELECT 1 IN (SELECT column0 FROM '{canary}')
SELECT 1 = ANY (SELECT column0 FROM '{canary}')
SELECT ARRAY(SELECT column0 FROM '{canary}')
SELECT * FROM events ORDER BY (SELECT count(*) FROM '{canary}')
SELECT * FROM events LIMIT (SELECT count(*) FROM '{canary}')
SELECT * FROM events OFFSET (SELECT count(*) FROM '{canary}')
SELECT source FROM events GROUP BY (SELECT count(*) FROM '{canary}')
SELECT source FROM events GROUP BY ALL HAVING (SELECT count(*) FROM '{canary}') > 0
SELECT source FROM events QUALIFY (SELECT count(*) FROM '{canary}') > 0
SELECT count(*) FILTER (WHERE (SELECT count(*) FROM '{canary}') > 0) FROM events
SELECT sum(1) OVER (PARTITION BY (SELECT count(*) FROM '{canary}')) FROM events
SELECT sum(1) OVER w FROM events WINDOW w AS (ORDER BY (SELECT count(*) FROM '{canary}'))
SELECT sum(1) OVER (ORDER BY time ROWS (SELECT count(*) FROM '{canary}') PRECEDING) FROM events
SELECT string_agg(source, ',' ORDER BY (SELECT count(*) FROM '{canary}')) FROM events
SELECT CASE WHEN true THEN (SELECT column0 FROM '{canary}' LIMIT 1) END
SELECT [x FOR x IN [1] IF (SELECT count(*) FROM '{canary}') > 0]
SELECT list_transform([1], x -> (SELECT count(*) FROM '{canary}'))
SELECT list_transform([1], lambda x: (SELECT count(*) FROM '{canary}'))
SELECT {'a': (SELECT count(*) FROM '{canary}')}
SELECT [(SELECT count(*) FROM '{canary}')]
SELECT MAP {'a': (SELECT count(*) FROM '{canary}')}
SELECT CAST((SELECT count(*) FROM '{canary}') AS VARCHAR)
SELECT TRY((SELECT count(*) FROM '{canary}'))
SELECT (SELECT count(*) FROM '{canary}') COLLATE NOCASE
SELECT 1 BETWEEN 0 AND (SELECT count(*) FROM '{canary}')
SELECT * REPLACE ((SELECT count(*) FROM '{canary}') AS uid) FROM events
SELECT DISTINCT ON ((SELECT count(*) FROM '{canary}')) uid FROM events
VALUES ((SELECT count(*) FROM '{canary}'))
SELECT 1 UNION ALL SELECT column0 FROM '{canary}'
SELECT 1 INTERSECT SELECT column0 FROM '{canary}'
SELECT 1 EXCEPT SELECT column0 FROM '{canary}'
WITH x AS (SELECT * FROM '{canary}') SELECT * FROM x
WITH x AS MATERIALIZED (FROM '{canary}') SELECT 1
WITH x AS NOT MATERIALIZED (FROM '{canary}') FROM x
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, '{canary}' WHERE n < 3) FROM t
WITH RECURSIVE t(n) AS (SELECT column0 FROM '{canary}' UNION ALL SELECT n FROM t WHERE false) FROM t
FROM (PIVOT '{canary}' ON column0 IN ('a') USING count(*))
FROM (UNPIVOT '{canary}' ON column0 INTO NAME n VALUE v)
DESCRIBE '{canary}'
DESCRIBE SELECT * FROM '{canary}'
SUMMARIZE '{canary}'
SUMMARIZE SELECT * FROM '{canary}'
SHOW '{canary}'
FROM (DESCRIBE '{canary}')
FROM (SUMMARIZE '{canary}')
SELECT unnest([(SELECT count(*) FROM '{canary}')])
SELECT * FROM range((SELECT count(*) FROM '{canary}'))
SELECT * FROM unnest((SELECT list(column0) FROM '{canary}'))
-- system tables that need no brackets
SELECT * FROM duckdb_settings
SELECT * FROM duckdb_secrets
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_tables
SELECT * FROM duckdb_databases
SELECT * FROM pragma_database_list
SELECT * FROM sqlite_master
SELECT * FROM sqlite_schema
SELECT * FROM pg_class
SELECT * FROM "DUCKDB_SETTINGS"
-- names that only look like a view, or belong to another place
SELECT * FROM "ｅvents"
SELECT * FROM "еvents"
SELECT * FROM "events "
SELECT * FROM "events\n"
FROM (WITH duckdb_settings AS (SELECT 1) SELECT 1), duckdb_settings
WITH duckdb_settings AS (SELECT * FROM duckdb_settings) FROM duckdb_settings
WITH RECURSIVE duckdb_settings AS (SELECT name FROM duckdb_settings UNION ALL SELECT name FROM duckdb_settings WHERE false) FROM duckdb_settings
WITH a AS (FROM b), b AS (SELECT 1) FROM a
SELECT (WITH pg_class AS (SELECT 1) SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_class)
SELECT * FROM U

-- expect: SQL_NOT_ALLOWED
-- tables with a catalogue or schema
SELECT * FROM information_schema.tables
SELECT * FROM pg_catalog.pg_settings
SELECT * FROM system.information_schema.columns
SELECT * FROM memory.main.events
SELECT * FROM temp.main.events
SELECT * FROM system.main.duckdb_settings
SELECT * FROM "{canary}".events
SELECT * FROM events AT (VERSION => 1)
SELECT * FROM events AT (TIMESTAMP => now())
-- WITH names that could stand for a file
WITH "{canary}" AS (SELECT 1) SELECT * FROM '{canary}'
WITH "a.csv" AS (SELECT 1) SELECT 1
WITH "s3://example" AS (SELECT 1) SELECT 1
-- functions that read
SELECT * FROM read_csv('{canary}')
SELECT * FROM read_csv_auto('{canary}')
SELECT * FROM read_text('{canary}')
SELECT * FROM read_blob('{canary}')
SELECT * FROM read_json('{canary}')
SELECT * FROM read_json_auto('{canary}')
SELECT * FROM read_json_objects('{canary}')
SELECT * FROM read_ndjson('{canary}')
SELECT * FROM read_ndjson_auto('{canary}')
SELECT * FROM read_ndjson_objects('{canary}')
SELECT * FROM read_parquet('{data}')
SELECT * FROM read_parquet(['{data}'])
SELECT * FROM parquet_scan('{data}')
SELECT * FROM parquet_metadata('{data}')
SELECT * FROM parquet_file_metadata('{data}')
SELECT * FROM parquet_full_metadata('{data}')
SELECT * FROM parquet_kv_metadata('{data}')
SELECT * FROM parquet_schema('{data}')
SELECT * FROM parquet_bloom_probe('{data}', 'uid', 'x')
SELECT * FROM read_duckdb('{dir}/x.duckdb')
SELECT * FROM sniff_csv('{canary}')
SELECT * FROM glob('/*')
SELECT * FROM glob('{dir}/*')
SELECT * FROM seq_scan('events')
SELECT * FROM arrow_scan(0, 0, 0)
SELECT * FROM arrow_scan_dumb(0, 0, 0)
SELECT * FROM "read_text"('{canary}')
SELECT * FROM READ_TEXT('{canary}')
SELECT * FROM "ReAd_TeXt"('{canary}')
SELECT * FROM main.read_text('{canary}')
SELECT * FROM system.main.read_text('{canary}')
SELECT * FROM pg_catalog.read_text('{canary}')
SELECT * FROM/**/read_text/**/('{canary}')
SELECT * FROM --\n read_text('{canary}')
SELECT * FROM read_text($1)
SELECT * FROM read_text(['{canary}'])
SELECT * FROM read_text('{can' || 'ary}')
SELECT * FROM (SELECT * FROM (SELECT * FROM read_text('{canary}')))
SELECT (SELECT content FROM read_text('{canary}'))
WITH x AS (FROM read_text('{canary}')) SELECT 1
SELECT 1 WHERE EXISTS (FROM glob('/*'))
SELECT * FROM events, LATERAL read_text(events.uid)
SELECT * FROM events, read_text(events.uid)
SELECT * FROM events JOIN read_text('{canary}') ON true
SELECT * FROM unnest((SELECT list(file) FROM glob('/*')))
SELECT * FROM range((SELECT count(*) FROM glob('/*')))
SELECT read_text('{canary}')
SELECT glob('/*')
SELECT ('{canary}').read_text()
SELECT list_transform(['{canary}'], x -> read_text(x))
FROM (PIVOT (FROM read_text('{canary}')) ON filename IN ('a') USING count(*))
DESCRIBE FROM read_text('{canary}')
SUMMARIZE FROM read_text('{canary}')
FROM (DESCRIBE FROM read_text('{canary}'))
-- statements hidden in text
SELECT * FROM query('SELECT * FROM read_text(''{canary}'')')
SELECT * FROM query_table('{canary}')
SELECT * FROM query_table(['events', '{canary}'])
FROM query('FROM query(''SELECT 1'')')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
SELECT json_deserialize_sql('{}')
SELECT json_serialize_sql('SELECT 1')
SELECT json_serialize_plan('SELECT * FROM ''{canary}''')
SELECT * FROM histogram('{canary}', column0)
SELECT * FROM histogram_values('{canary}', column0)
SELECT * FROM sql_auto_complete('SEL')
SELECT * FROM check_peg_parser('SELECT 1')
-- the engine's settings, state and log
SELECT getenv('PATH')
SELECT "getenv"('HOME')
SELECT main.getenv('PATH')
SELECT system.main.getenv('PATH')
SELECT current_setting('allowed_paths')
SELECT current_setting('secret_directory')
SELECT ('allowed_paths').current_setting()
SELECT pg_catalog.current_setting('allowed_paths')
SELECT system.main.current_setting('allowed_paths')
SELECT list_transform(['allowed_paths'], x -> current_setting(x))
SELECT [current_setting(x) FOR x IN ['allowed_paths']]
SELECT COLUMNS(c -> current_setting(c) = 'x') FROM events
SELECT getvariable('x')
SELECT current_query()
SELECT in_search_path('memory', 'main')
SELECT current_schemas(true)
SELECT version()
SELECT txid_current()
SELECT nextval('s')
SELECT currval('s')
SELECT setseed(0.5)
SELECT write_log('x')
SELECT write_log(secret) FROM (SELECT 1 AS secret)
SELECT parse_duckdb_log_message('QueryLog', 'x')
SELECT stats(uid) FROM events
SELECT vector_type(uid) FROM events
SELECT sleep_ms(100000)
SELECT pg_sleep(100)
SELECT error('x')
SELECT make_type('INTEGER')
SELECT pg_get_viewdef(1)
SELECT has_table_privilege('events', 'SELECT')
SELECT __internal_compress_string_uhugeint('x')
SELECT * FROM enable_logging()
SELECT * FROM enable_logging(storage = 'file', storage_config = {'path': '{new}'})
SELECT * FROM enable_logging('QueryLog', level = 'debug', storage = 'stdout')
WITH x AS (FROM enable_logging()) FROM x
SELECT (SELECT count(*) FROM enable_logging())
SELECT * FROM disable_logging()
SELECT * FROM enable_profiling()
SELECT * FROM disable_profiling()
SELECT * FROM truncate_duckdb_logs()
SELECT * FROM duckdb_logs()
SELECT * FROM duckdb_logs_parsed('QueryLog')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_external_file_cache()
SELECT * FROM duckdb_prepared_statements()
SELECT * FROM which_secret('s3://example', 's3')
SELECT * FROM pragma_version()
SELECT * FROM pragma_platform()
SELECT * FROM pragma_show('events')
SELECT * FROM pragma_table_info('events')
SELECT * FROM pragma_storage_info('events')
SELECT * FROM pragma_database_size()
SELECT * FROM pragma_user_agent()
SELECT * FROM pg_timezone_names()
SELECT * FROM icu_calendar_names()
SELECT * FROM checkpoint()
SELECT * FROM force_checkpoint()
SELECT * FROM enable_peg_parser()
SELECT * FROM test_all_types()
SELECT * FROM test_vector_types(NULL::INTEGER)
SELECT * FROM repeat(1, 10)
SELECT * FROM repeat_row(1, 2, num_rows = 10)
SELECT * FROM summary((FROM events))
SELECT * FROM no_such_function(1)
SELECT no_such_function(1)
SELECT "rеad_text"('{canary}')
SELECT * FROM "ｒead_text"('{canary}')
-- statements that are no query
COPY events TO '{new}'
COPY (SELECT 1) TO '{new}' (FORMAT parquet)
COPY (SELECT 1) TO '{data}' (FORMAT parquet, USE_TMP_FILE false)
COPY events FROM '{canary}'
COPY FROM DATABASE memory TO x
EXPORT DATABASE '{new}'
IMPORT DATABASE '{dir}'
ATTACH '{new}'
ATTACH '{new}' AS x (TYPE duckdb)
ATTACH '{canary}' AS x (TYPE sqlite)
ATTACH ':memory:' AS x
DETACH memory
USE memory
INSTALL httpfs
INSTALL httpfs FROM 'http://192.0.2.1'
FORCE INSTALL httpfs
LOAD httpfs
LOAD '{canary}'
UPDATE EXTENSIONS
CREATE TABLE x AS SELECT 1
CREATE TEMP TABLE x (a INTEGER)
CREATE VIEW x AS SELECT 1
CREATE OR REPLACE VIEW events AS SELECT 1
CREATE MACRO f(x) AS x
CREATE MACRO f() AS TABLE SELECT * FROM '{canary}'
CREATE FUNCTION f(x) AS getenv(x)
CREATE TYPE t AS ENUM ('a')
CREATE SCHEMA s
CREATE SEQUENCE s
CREATE SECRET s (TYPE s3, KEY_ID 'x')
CREATE PERSISTENT SECRET s (TYPE http)
CREATE INDEX i ON events (uid)
DROP VIEW events
DROP SECRET s
ALTER VIEW events RENAME TO x
COMMENT ON VIEW events IS 'x'
INSERT INTO events DEFAULT VALUES
INSERT INTO events SELECT * FROM events
UPDATE events SET uid = 'x'
DELETE FROM events
TRUNCATE events
SET memory_limit = '100GB'
SET GLOBAL threads = 100
SET SESSION TimeZone = 'Asia/Tokyo'
SET VARIABLE x = 1
SET enable_external_access = true
SET lock_configuration = false
SET log_query_path = '{new}'
SET profiling_output = '{new}'
SET temp_directory = '{dir}'
SET home_directory = '{dir}'
SET custom_extension_repository = 'http://192.0.2.1'
RESET memory_limit
PRAGMA database_list
PRAGMA enable_profiling
PRAGMA enable_logging
PRAGMA memory_limit = '100GB'
PRAGMA log_query_path = '{new}'
CALL enable_logging()
CALL enable_logging(storage = 'file', storage_config = {'path': '{new}'})
CALL pragma_version()
CALL read_text('{canary}')
CHECKPOINT
FORCE CHECKPOINT
VACUUM
ANALYZE
BEGIN
COMMIT
ROLLBACK
EXPLAIN SELECT 1
EXPLAIN ANALYZE SELECT 1
EXPLAIN ANALYZE COPY (SELECT 1) TO '{new}'
PREPARE p AS SELECT 1
EXECUTE p
DEALLOCATE p
PIVOT events ON source USING count(*)
SHOW DATABASES
FROM (SHOW TABLES)
FROM (SHOW ALL TABLES)
FROM (SHOW DATABASES)
-- none, or more than one
;
-- nothing but a comment
/* nothing but a comment */
SELECT 1; SELECT 2
SELECT 1;\nSELECT 2
SELECT 1 /* ; */ ; SELECT 2
SELECT ';' ; SELECT 2
SELECT 1; -- \n SELECT 2
FROM events; FROM '{canary}'
SELECT 1; DESCRIBE events

-- expect: refused
-- more than one with a statement that is no query, and what the grammar itself refuses
SELECT 1; COPY (SELECT 1) TO '{new}'
SELECT 1; DROP VIEW events
SELECT $$;$$; SET threads = 100
COPY (SELECT 1) TO '{new}'; SELECT 1
SET threads = 1; SELECT 1
WITH x AS (INSERT INTO events VALUES (1) RETURNING *) FROM x
WITH x AS (DELETE FROM events RETURNING *) FROM x
WITH x AS (COPY (SELECT 1) TO '{new}') FROM x
SELECT * FROM (COPY (SELECT 1) TO '{new}')
SELECT * FROM (CALL enable_logging())
SELECT * FROM (SET threads = 1)
SELECT (DROP VIEW events)
SELECT 1 INTO OUTFILE '{new}'
SELECT * INTO x FROM events
SELECT 1; ATTACH '{new}' AS x; COPY FROM DATABASE memory TO x
.read {canary}
.shell id
\copy events to '{new}'
! id
SELECT 1 \g {new}
\u0000SELECT 1
SELECT 1\u0000; COPY (SELECT 1) TO '{new}'
RESET ALL
SELECT * FROM '{dir}'.events
SELECT '{canary}'.read_text()
SELECT U&"\0072ead_text"('{canary}')
SELECT * FROM U&"\002fetc\002fpasswd"

-- expect: harmless
-- a text or a name is not what it looks like
SELECT 'FROM read_text(''{canary}'')'
SELECT $$; COPY (SELECT 1) TO '{new}'$$
SELECT 1 AS "read_text('{canary}')"
SELECT 1 -- ; COPY (SELECT 1) TO '{new}'
SELECT 1 /* ; COPY (SELECT 1) TO '{new}' */
SELECT 1;
SELECT 1 ;;
WITH read_text AS (SELECT 1 AS a) FROM read_text
WITH events AS (SELECT 1 AS a) FROM events
SELECT '{canary}'::JSON IS NULL FROM events WHERE false
SELECT parse_path('{canary}')
SELECT current_user, session_user, user, current_schema
SELECT alias(uid), typeof(time) FROM events
SELECT format('{} {}', 'a', 'b'), printf('%s %n', 'a') WHERE false
SELECT json_extract('{"a": 1}', '$.a'), '{"a": {"b": 2}}'->'a'->>'b'
SELECT list_aggregate([1, 2], 'sum')
SELECT * FROM json_each('{"a": 1}')
SELECT COLUMNS('u.d') FROM events
SELECT events FROM events
SELECT * FROM events e SEMI JOIN flows f ON e.src_ip = f.src_ip
FROM (PIVOT events ON source IN ('aws.cloudtrail') USING count(*) GROUP BY cloud)
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) FROM t
SELECT * FROM main.events
SELECT try_cast('x' AS INTEGER), 'a' COLLATE NOCASE = 'A'
SHOW TABLES
DESCRIBE events
SUMMARIZE evidence
