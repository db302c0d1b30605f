/* server-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "streamer-server.h"

/* Alice may do everything everywhere, carol below `team-c`; bob may upload below `team-b`, without
 * replacing; dave may not upload. */
#define ALICE "alice-alice-alice-alice"
#define BOB   "bob-bob-bob-bob-bob-bob"
#define CAROL "carol-carol-carol-carol"
#define DAVE  "dave-dave-dave-dave-dave"

/**
 * ServerFixture: a server of its own, in a folder of its own, on a port of its own.
 */
typedef struct
{
  char *root;                   /* (owned): the server's folder */
  StreamerStorageConfig config; /* (owned): a folder's; counts at the next start */
  StreamerServer *server;
} ServerFixture;

void server_fixture_set_up (ServerFixture *fixture, gconstpointer data);
void server_fixture_tear_down (ServerFixture *fixture, gconstpointer data);
/* Ends the server, and starts another one in the same folder. */
void server_fixture_restart (ServerFixture *fixture);

/* Removes a folder with all that is in it. */
void remove_tree (const char *path);

/**
 * Reply: what came back
 */
typedef struct
{
  guint status;
  char *head;   /* (owned): status line and headers */
  GBytes *body; /* (owned) */
} Reply;

void reply_clear (Reply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reply, reply_clear)

/* (transfer full) (nullable): a header of the answer */
char *reply_get_header (const Reply *reply, const char *name);

/* A connection to the server, blocking, which gives up after a while. */
GSocketConnection *client_connect (ServerFixture *fixture);
void client_send (GSocketConnection *client, const void *data, gsize length);
/* Reads until the server closes. (transfer full) */
GBytes *client_read_all (GSocketConnection *client);
/* Reads one answer, with the body that its Content-Length tells. FALSE: the connection ended. */
gboolean client_read_reply (GSocketConnection *client, gboolean has_body, Reply *reply);
/* Sends these bytes on a fresh connection, and reads the answer; status 0: none came. */
void client_talk (ServerFixture *fixture, const char *text, Reply *reply);

/* One request on a connection of its own. @url: absolute, or path and query. @headers: lines that
 * end in CR LF. */
void client_request (ServerFixture *fixture,
                     const char *method,
                     const char *url,
                     const char *headers,
                     GBytes *body,
                     Reply *reply);

/* A request of the request API. @body: as g_strdup_printf() takes it, with ' for ".
 * Returns: (transfer full): the whole envelope; its status_code has been compared with the HTTP
 * status. */
JsonObject *api_call (ServerFixture *fixture, const char *token, const char *body, ...)
    G_GNUC_PRINTF (3, 4);
gint64 api_code (JsonObject *envelope);
/* Asserts that it went well, and gives the member `status`. */
JsonObject *api_done (JsonObject *envelope);
JsonArray *api_done_array (JsonObject *envelope);
/* Asserts that it failed in this way. */
void api_assert_failed (JsonObject *envelope, guint status, const char *code);

/* (transfer full): some bytes, always the same for the same seed */
GBytes *make_bytes (gsize length, guint32 seed);
guint32 bytes_crc32 (GBytes *bytes);

/* Begins an upload as alice. (transfer full): the upload id */
char *begin_upload (ServerFixture *fixture,
                    const char *key,
                    gint64 size,
                    guint64 part_size,
                    gboolean overwrite);
/* (transfer full): the URL of a part, as alice gets it */
char *presign_part (ServerFixture *fixture, const char *upload_id, guint number, guint64 size);
/* Sends a part that has to arrive. (transfer full): its ETag */
char *put_part (ServerFixture *fixture, const char *upload_id, guint number, GBytes *bytes);
/* Uploads a whole object as alice. (transfer full): its link */
char *upload (ServerFixture *fixture, const char *key, GBytes *bytes);
void assert_download (ServerFixture *fixture, const char *url, GBytes *bytes);
/* Files below uploads/. */
guint count_open_files (ServerFixture *fixture);
