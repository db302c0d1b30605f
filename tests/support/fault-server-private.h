/* fault-server-private.h: one request of a faulty server, between its files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fault-server.h"

G_BEGIN_DECLS

struct _FaultServer
{
  ScriptServer *http; /* (owned) */
  void (*stall) (guint16 port, gboolean stalls);

  GMutex lock;    /* guards what follows */
  GArray *script; /* (owned) (element-type Fault) */
  FaultStore *store;
  guint page;
  guint counts[FAULT_N_OPERATIONS];
  guint n_requests;
  guint n_struck;
  guint n_overlaps;
  guint n_tokens;
  char *token;         /* (owned) */
  GPtrArray *secrets;  /* (owned) (element-type utf8) */
  GHashTable *busy;    /* (owned): "upload part" that is being put */
  GString *log;        /* (owned) */
  gint64 clock_offset; /* seconds by which its clock is ahead */
  guint seconds;
  gboolean refusing;
  gboolean deaf;
  gboolean stale_is_due; /* where the next kept connection is used */
  gboolean healed;
};

/**
 * FaultRequest:
 *
 * What came, and what is going to be answered.
 */
typedef struct
{
  FaultServer *server;
  const ScriptRequest *raw;
  char *method;      /* (owned) */
  char *path;        /* (owned): as it came, escaped */
  char *key;         /* (owned) (nullable): of the bucket */
  GHashTable *query; /* (owned): decoded */
  GBytes *body;      /* (owned) */

  guint status;
  GString *headers;
  GString *text;
  FaultUpload *begun; /* (nullable) */
  gboolean wrong_etag;
} FaultRequest;

/** Returns: (nullable) */
const char *fault_request_get (FaultRequest *request, const char *parameter);
void fault_request_answer (FaultRequest *request, guint status, const char *type, const char *text);
/** The ETag of an answer, quoted, or a wrong one where that is the fault. */
char *fault_request_quote_etag (FaultRequest *request, const char *etag);

gboolean fault_request_is_api (const FaultRequest *request);

/** With the lock held: another token than before is taken. */
void fault_server_new_token (FaultServer *self);

/* What a fault does. The first of these: before anything is done; returns whether that was all. */
gboolean fault_answer_not (FaultServer *self, const Fault *fault, ScriptStep *step);
/** In place of what is asked for. Returns: whether it was such a fault */
gboolean fault_answer_instead (FaultRequest *request, const Fault *fault, ScriptStep *step);
/** To an answer that is made. */
void fault_answer_spoil (FaultServer *self, const Fault *fault, ScriptStep *step);

/* Version 2 of the request API. */
FaultOperation fault_api_get_operation (FaultRequest *request);
void fault_api_run (FaultRequest *request);
void fault_api_refuse (FaultRequest *request, guint status, const char *code, const char *message);
/** A signed URL's signature. Returns: (transfer full) */
char *fault_api_sign (FaultServer *server, const char *key, const char *query);

/* S3. */
FaultOperation fault_s3_get_operation (FaultRequest *request);
void fault_s3_run (FaultRequest *request);
void fault_s3_refuse (FaultRequest *request, guint status, const char *code);

G_END_DECLS
