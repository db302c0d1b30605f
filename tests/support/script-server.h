/* script-server.h: an HTTP server that misbehaves as it is told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ScriptServer:
 *
 * Owns its sockets, unlike SoupServer, so it can cut, stall and lie at any byte. Listens on a free
 * port of 127.0.0.1, on threads of its own. Each request, on whatever connection, takes the next
 * step of the script; behind the last step each request gets `{}` with 200. With a ScriptHandler
 * there is no script: that says what each request gets.
 */
typedef struct _ScriptServer ScriptServer;

/**
 * ScriptThen: what happens to the connection behind the answer
 * @SCRIPT_KEEP: it waits for the next request
 * @SCRIPT_CLOSE: it is closed; with a part of the request unread, the system resets it
 * @SCRIPT_RESET: it is reset
 * @SCRIPT_STALL: nothing at all, until the other side closes it or script_server_free()
 */
typedef enum
{
  SCRIPT_KEEP,
  SCRIPT_CLOSE,
  SCRIPT_RESET,
  SCRIPT_STALL,
} ScriptThen;

#define SCRIPT_WHOLE_BODY G_MAXUINT64

/**
 * ScriptStep:
 * @read_body: bytes of the request's body that are read before the answer, or SCRIPT_WHOLE_BODY
 * @answer: (nullable): sent as it is, status line and headers included; NULL for none
 * @fill: bytes of blanks sent behind @answer
 * @then: what comes behind it
 * @cut: whether only @sent bytes of @answer are sent
 * @slow: whether @answer is sent byte by byte
 * @note: (owned): the handler's own; freed with g_free()
 */
typedef struct
{
  guint64 read_body;
  const char *answer;
  guint64 fill;
  ScriptThen then;
  gboolean cut;
  gsize sent;
  gboolean slow;
  gpointer note;
} ScriptStep;

/**
 * ScriptRequest:
 * @connection: which connection it came on, from 0
 * @reused: whether it is not the first on it
 * @fd: the connection's, while it is served
 * @head: (owned): request line and headers
 * @body_length: bytes of the body that arrived
 * @body_crc32: of those
 * @body: (owned): the first 64 KiB of them, as text
 * @complete: all bytes that Content-Length promised arrived
 */
typedef struct
{
  guint connection;
  gboolean reused;
  int fd;
  char *head;
  guint64 body_length;
  guint32 body_crc32;
  GString *body;
  gboolean complete;
} ScriptRequest;

void script_request_clear (ScriptRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ScriptRequest, script_request_clear)

/** Returns: (nullable) (transfer full): the value of the header that has this name */
char *script_request_get_header (const ScriptRequest *request, const char *name);

/**
 * ScriptHandler:
 * @take: the head has come: says in @step, where all of the body is to be read, what happens
 * @answer: as much of the body has come as @step says: the last chance to change it
 * @end: nothing more happens to the request; @answered: whether all of the answer could be sent
 * @stall: nothing happens any more (or the stall is over) to who has @port on the other side
 *
 * Called on the connections' threads, several at a time. `step->answer` is freed by the server.
 */
typedef struct
{
  void (*take) (const ScriptRequest *request, ScriptStep *step, gpointer user_data);
  void (*answer) (const ScriptRequest *request, ScriptStep *step, gpointer user_data);
  void (*end) (const ScriptRequest *request,
               const ScriptStep *step,
               gboolean answered,
               gpointer user_data);
  void (*stall) (guint16 port, gboolean stalls, gpointer user_data);
} ScriptHandler;

ScriptServer *script_server_new (void);
/** Before the first request comes. @handler: static */
void
script_server_set_handler (ScriptServer *self, const ScriptHandler *handler, gpointer user_data);
/** Whether connections are refused from now on, as where nothing listens. Those it has stay. */
void script_server_set_refusing (ScriptServer *self, gboolean refusing);
/** Until all that clients have sent is done, and all of them have closed their connections. */
void script_server_wait_idle (ScriptServer *self);
/** With a certificate that it has signed itself, which nobody trusts. */
ScriptServer *script_server_new_tls (void);
/** Ends all connections, stalled ones too, and waits for its threads. */
void script_server_free (ScriptServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptServer, script_server_free)

/** Returns: (transfer none): such as `http://127.0.0.1:4711`, without a slash at its end */
const char *script_server_get_url (ScriptServer *self);

/** Appends to the script. @step: its strings are copied */
void script_server_add (ScriptServer *self, const ScriptStep *step);
/** Appends an answer of @status with @body, given when the whole request has been read. */
void script_server_add_answer (ScriptServer *self, guint status, const char *body);

/** Returns: requests whose head has arrived */
guint script_server_count (ScriptServer *self);
/** Waits until @n_body bytes of the body of request @index, from 0, have arrived. */
void script_server_wait_for (ScriptServer *self, guint index, guint64 n_body);
/** @request: (out caller-allocates): how request @index, from 0, stands; waits for its head */
void script_server_get (ScriptServer *self, guint index, ScriptRequest *request);

G_END_DECLS
