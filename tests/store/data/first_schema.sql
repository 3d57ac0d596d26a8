BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE candidates (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	id_key BLOB NOT NULL, 
	run_id TEXT, 
	model_id TEXT, 
	model TEXT, 
	task_type TEXT, 
	quality_score DOUBLE, 
	prompt_key VARCHAR(32), 
	digest VARCHAR(32) NOT NULL, 
	status TEXT NOT NULL, 
	corrected_response TEXT, 
	exportable BOOLEAN NOT NULL, 
	failure_category TEXT, 
	revision INTEGER NOT NULL, 
	decided_by TEXT, 
	decided_at TEXT, 
	CONSTRAINT uq_candidates_id_key UNIQUE (id_key)
);
INSERT INTO "candidates" VALUES(1,'first',X'1C6616224336F5D2EA1E55C74768EAC0','run-1',NULL,'small',NULL,0.3,'384a286a05492ff72cee84f80caad518','5d4a60626a6d26b555ba3248f71d7c08','approved','"4\u0000\ud800"',1,NULL,1,'"kim"','2026-04-07T10:00:00.000000Z');
INSERT INTO "candidates" VALUES(2,'kept',X'6493DC325C0E7C5A37FE5D4DD8A381E3','run-1',NULL,'large',NULL,0.1,'7d43c922178da7fa85bdd9b38bf82a02','a4a5a6933315923e1ba519218b795c4e','approved','"5"',1,NULL,1,'"kim"','2026-04-07T10:00:00.000000Z');
INSERT INTO "candidates" VALUES(3,'thought',X'42F36ADAE2807DF1987FED46563BBECF','run-2',NULL,'small',NULL,NULL,'7d43c922178da7fa85bdd9b38bf82a02','cd553cd271bd8ab9ab68ec37977fc9f7','approved','"4"',1,NULL,1,'"kim"','2026-04-07T10:00:00.000000Z');
INSERT INTO "candidates" VALUES(4,'waiting',X'5B5D21FC521904AAFBB22B007424FD92','run-1',NULL,'small',NULL,NULL,'7d43c922178da7fa85bdd9b38bf82a02','2197d610f45d1e72c536647d68f43594','needs_review',NULL,0,NULL,0,NULL,NULL);
CREATE TABLE counts (
	dimension TEXT NOT NULL, 
	value TEXT NOT NULL, 
	status TEXT NOT NULL, 
	n BIGINT NOT NULL, 
	CONSTRAINT pk_counts PRIMARY KEY (dimension, value, status)
);
INSERT INTO "counts" VALUES('exportable','','approved',3);
INSERT INTO "counts" VALUES('total','','approved',3);
INSERT INTO "counts" VALUES('run','run-1','approved',2);
INSERT INTO "counts" VALUES('model','small','approved',2);
INSERT INTO "counts" VALUES('task_type','','approved',3);
INSERT INTO "counts" VALUES('failure_category','','approved',3);
INSERT INTO "counts" VALUES('model','large','approved',1);
INSERT INTO "counts" VALUES('run','run-2','approved',1);
INSERT INTO "counts" VALUES('total','','needs_review',1);
INSERT INTO "counts" VALUES('run','run-1','needs_review',1);
INSERT INTO "counts" VALUES('model','small','needs_review',1);
INSERT INTO "counts" VALUES('task_type','','needs_review',1);
INSERT INTO "counts" VALUES('failure_category','','needs_review',1);
CREATE TABLE decisions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	decision_id TEXT NOT NULL, 
	candidate_seq INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	from_status TEXT NOT NULL, 
	to_status TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	corrected_response TEXT, 
	failure_category TEXT, 
	note TEXT, 
	tags TEXT NOT NULL, 
	seconds DOUBLE, 
	reviewer TEXT NOT NULL, 
	decided_at TEXT NOT NULL, 
	binding BOOLEAN NOT NULL, 
	digest VARCHAR(32) NOT NULL, 
	CONSTRAINT fk_decisions_candidate_seq FOREIGN KEY(candidate_seq) REFERENCES candidates (seq), 
	CONSTRAINT uq_decisions_decision_id UNIQUE (decision_id)
);
INSERT INTO "decisions" VALUES(1,'old-1',1,'correct','needs_review','approved',1,'"4\u0000\ud800"',NULL,NULL,'[]',NULL,'"kim"','2026-04-07T10:00:00.000000Z',1,'00000000000000000000000000000000');
INSERT INTO "decisions" VALUES(2,'old-2',2,'correct','needs_review','approved',1,'"5"',NULL,NULL,'[" unit", "unit", "", "\ud800", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "twice read"]',NULL,'"kim"','2026-04-07T10:00:00.000000Z',1,'00000000000000000000000000000000');
INSERT INTO "decisions" VALUES(3,'old-3',3,'correct','needs_review','approved',1,'"4"',NULL,NULL,'[]',NULL,'"kim"','2026-04-07T10:00:00.000000Z',1,'00000000000000000000000000000000');
CREATE TABLE jobs (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	params TEXT NOT NULL, 
	done BIGINT NOT NULL, 
	total BIGINT, 
	unit TEXT NOT NULL, 
	result TEXT, 
	error TEXT, 
	cancel_requested BOOLEAN NOT NULL, 
	owner TEXT, 
	lease_until TEXT, 
	created_at TEXT NOT NULL, 
	started_at TEXT, 
	finished_at TEXT, 
	CONSTRAINT uq_jobs_id UNIQUE (id)
);
CREATE TABLE mirror_approved (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	seq INTEGER NOT NULL, 
	"offset" BIGINT NOT NULL, 
	length BIGINT NOT NULL, 
	pending TEXT, 
	CONSTRAINT fk_mirror_approved_seq FOREIGN KEY(seq) REFERENCES candidates (seq)
);
CREATE TABLE mirror_files (
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_mirror_files PRIMARY KEY (name)
);
CREATE TABLE mirror_lines (
	seq INTEGER NOT NULL, 
	review_digest BLOB NOT NULL, 
	horizon INTEGER NOT NULL, 
	CONSTRAINT pk_mirror_lines PRIMARY KEY (seq), 
	CONSTRAINT fk_mirror_lines_seq FOREIGN KEY(seq) REFERENCES candidates (seq)
);
CREATE TABLE records (
	seq INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_records PRIMARY KEY (seq), 
	CONSTRAINT fk_records_seq FOREIGN KEY(seq) REFERENCES candidates (seq)
);
INSERT INTO "records" VALUES(1,'{"id": "first", "benchmark_run_id": "run-1", "prompt_messages": [{"role": "user", "content": "What is a quokka?"}], "model_response": "5", "model_name": "small", "model_id": "org/small", "task_type": "math", "quality_score": 0.3, "task_name": "Sums"}');
INSERT INTO "records" VALUES(2,'{"id": "kept", "benchmark_run_id": "run-1", "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}], "model_response": "5", "model_name": "large", "model_id": "org/small", "task_type": "math", "quality_score": 0.1, "task_id": "t7"}');
INSERT INTO "records" VALUES(3,'{"id": "thought", "benchmark_run_id": "run-2", "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}], "model_response": "<think>2 and 2</think> 5", "model_name": "small", "model_id": "org/small", "task_type": "math"}');
INSERT INTO "records" VALUES(4,'{"id": "waiting", "benchmark_run_id": "run-1", "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}], "model_response": "<think>2 and 2</think> 5", "model_name": "small", "model_id": "org/small", "task_type": "math", "quality_score": null}');
CREATE TABLE runs (
	run_id TEXT NOT NULL, 
	source TEXT NOT NULL, 
	imported_at TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (run_id)
);
CREATE INDEX ix_candidates_prompt_key ON candidates (prompt_key);
CREATE INDEX ix_candidates_status_seq ON candidates (status, seq);
CREATE INDEX ix_decisions_candidate_seq ON decisions (candidate_seq);
CREATE INDEX ix_mirror_approved_pending ON mirror_approved (pending);
CREATE INDEX ix_mirror_approved_seq ON mirror_approved (seq);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('candidates',4);
INSERT INTO "sqlite_sequence" VALUES('decisions',3);
COMMIT;
