/* handler-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-request-handler.h"

/**
 * HandlerFixture: the request API without HTTP, on a folder that counts what everybody uses, with
 * an audit log and a clock of its own. Whoever may do something is added by the test.
 */
typedef struct
{
  char *root;       /* (owned) */
  char *audit_path; /* (owned) */
  StreamerPolicy *policy;
  StreamerSeal *seal;
  StreamerStorage *folder;
  StreamerStorage *storage; /* the folder, counted */
  StreamerAudit *audit;
  StreamerRequestHandler *handler;
} HandlerFixture;

void handler_fixture_set_up (HandlerFixture *fixture, gconstpointer data);
void handler_fixture_tear_down (HandlerFixture *fixture, gconstpointer data);

/* Lets the handler's clock go on. */
void handler_fixture_pass (gdouble seconds);

/* @token stands for @name. @prefixes: (nullable) */
void handler_fixture_add (HandlerFixture *fixture,
                          const char *name,
                          const char *token,
                          const char *const *prefixes,
                          StreamerRights rights,
                          const StreamerAllowance *allowance);

/* @token: (nullable). @retry_after: (out) (nullable). Returns: (transfer full): the envelope */
JsonObject *handler_fixture_call (HandlerFixture *fixture,
                                  const char *token,
                                  const char *filename,
                                  JsonNode *body,
                                  int *retry_after);

/* A call of version 2. @body: as g_strdup_printf() takes it, with ' for ". */
JsonObject *handler_fixture_api (HandlerFixture *fixture, const char *token, const char *body, ...)
    G_GNUC_PRINTF (3, 4);

/* Puts @size bytes to where `begin` or `presign` has said: @url. */
void handler_fixture_put (HandlerFixture *fixture, const char *url, gsize size);

/* (transfer full) (element-type JsonObject): the lines of the audit log */
GPtrArray *handler_fixture_read_audit (HandlerFixture *fixture);
