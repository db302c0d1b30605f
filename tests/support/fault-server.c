/* fault-server.c: a backend and a bucket that fail as a script says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a request asks for is done under the lock, so that each is done wholly or not at all; what
 * becomes of its bytes before and behind that is the script server's.
 */

#include "fault-server-private.h"

#include <string.h>

#include "script-socket.h"

/* What stands in a step's note. */
typedef struct
{
  FaultOperation operation;
  Fault fault;
  gboolean strikes;
  char put[64]; /* what it puts, or empty */
  guint begun;  /* 1 + number of the upload */
} Note;

const char *
fault_request_get (FaultRequest *request, const char *parameter)
{
  return g_hash_table_lookup (request->query, parameter);
}

void
fault_request_answer (FaultRequest *request, guint status, const char *type, const char *text)
{
  request->status = status;
  if (type != NULL)
    g_string_append_printf (request->headers, "Content-Type: %s\r\n", type);
  g_string_assign (request->text, text);
}

char *
fault_request_quote_etag (FaultRequest *request, const char *etag)
{
  return g_strdup_printf ("\"%s\"",
                          request->wrong_etag ? "0123456789abcdef0123456789abcdef" : etag);
}

gboolean
fault_request_is_api (const FaultRequest *request)
{
  return g_str_has_prefix (request->path, "/request");
}

static void
request_init (FaultRequest *request, FaultServer *self, const ScriptRequest *raw)
{
  g_auto (GStrv) line = g_strsplit (raw->head, " ", 3);
  g_auto (GStrv) target = g_strsplit (line[1], "?", 2);

  *request = (FaultRequest){ .server = self, .raw = raw, .method = g_strdup (line[0]) };
  request->path = g_strdup (target[0]);
  request->query = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (target[1] != NULL)
    {
      g_auto (GStrv) pairs = g_strsplit (target[1], "&", -1);

      for (guint i = 0; pairs[i] != NULL; i++)
        {
          const char *equals = strchr (pairs[i], '=');

          g_hash_table_insert (request->query, g_uri_unescape_segment (pairs[i], equals, NULL),
                               g_uri_unescape_string (equals != NULL ? equals + 1 : "", NULL));
        }
    }
  if (g_str_has_prefix (target[0], "/" FAULT_BUCKET "/"))
    request->key = g_uri_unescape_string (target[0] + strlen ("/" FAULT_BUCKET "/"), NULL);
  request->body = g_bytes_new (raw->body->str, raw->body->len);
  request->headers = g_string_new (NULL);
  request->text = g_string_new (NULL);
}

static void
request_clear (FaultRequest *request)
{
  g_free (request->method);
  g_free (request->path);
  g_free (request->key);
  g_hash_table_unref (request->query);
  g_bytes_unref (request->body);
  g_string_free (request->headers, TRUE);
  g_string_free (request->text, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FaultRequest, request_clear)

/* Counts the call. With the lock held, as all that follows up to the server's own functions. */
static void
find_fault (FaultServer *self, FaultRequest *request, Note *note)
{
  const Fault *fault;
  guint nth = ++self->counts[note->operation];
  guint nth_of_all = ++self->counts[FAULT_ANY];

  if (self->healed)
    return;
  fault = fault_script_find (self->script, note->operation, nth);
  if (fault == NULL)
    fault = fault_script_find (self->script, FAULT_ANY, nth_of_all);
  /* Who lies about an object that is there lies about it for ever. */
  if (fault != NULL && fault->kind == FAULT_WRONG_ETAG && note->operation == FAULT_STAT)
    return;
  if (fault != NULL && fault->kind == FAULT_STALE && !request->raw->reused)
    {
      self->stale_is_due = TRUE;
      return;
    }
  if (fault != NULL)
    note->fault = *fault;
  else if (self->stale_is_due && request->raw->reused)
    note->fault = (Fault){ .operation = note->operation, .kind = FAULT_STALE };
  else
    return;
  note->strikes = TRUE;
  self->n_struck++;
  if (note->fault.kind == FAULT_STALE)
    self->stale_is_due = FALSE;
}

static void
make_answer (FaultRequest *request, ScriptStep *step)
{
  gboolean has_length = strstr (request->headers->str, "Content-Length") != NULL;
  gboolean is_head = g_str_equal (request->method, "HEAD");
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (g_get_real_time () / G_USEC_PER_SEC +
                                                             request->server->clock_offset);
  g_autofree char *date = g_date_time_format (now, "%a, %d %b %Y %H:%M:%S GMT");

  if (!has_length && request->status != 204)
    g_string_append_printf (request->headers, "Content-Length: %" G_GUINT64_FORMAT "\r\n",
                            request->text->len + step->fill);
  step->answer = g_strdup_printf ("HTTP/1.1 %u Scripted\r\nDate: %s\r\n%s\r\n%s", request->status,
                                  date, request->headers->str, is_head ? "" : request->text->str);
  if (is_head)
    step->fill = 0;
}

static void
log_request (FaultServer *self, FaultRequest *request, const Note *note)
{
  const char *number = fault_request_get (request, "partNumber");

  g_string_append_printf (
      self->log, "  %3u %s%s%s%s %s of %" G_GSIZE_FORMAT " bytes: %u", self->n_requests,
      fault_operation_get_name (note->operation), number != NULL ? " " : "",
      number != NULL ? number : "", request->raw->reused ? "" : " (new connection)",
      request->key != NULL ? request->key : "", g_bytes_get_size (request->body), request->status);
  if (note->strikes)
    g_string_append_printf (self->log, ", which %s", fault_kind_get_words (note->fault.kind));
  g_string_append_c (self->log, '\n');
}

/* A bucket's operation shows in the head, so a fault can strike in the middle of the body. */
static void
on_take (const ScriptRequest *raw, ScriptStep *step, gpointer user_data)
{
  FaultServer *self = user_data;
  Note *note = g_new0 (Note, 1);
  g_auto (FaultRequest) request = { 0 };

  step->note = note;
  request_init (&request, self, raw);
  if (fault_request_is_api (&request))
    return;

  g_mutex_lock (&self->lock);
  note->operation = fault_s3_get_operation (&request);
  find_fault (self, &request, note);
  if (note->operation == FAULT_PUT)
    {
      const char *number = fault_request_get (&request, "partNumber");

      g_snprintf (note->put, sizeof note->put, "%s %s", request.key, number != NULL ? number : "");
      if (!g_hash_table_add (self->busy, g_strdup (note->put)))
        self->n_overlaps++;
    }
  g_mutex_unlock (&self->lock);

  if (!note->strikes)
    return;
  switch (note->fault.kind)
    {
    case FAULT_RESET_REQUEST:
    case FAULT_STALL_REQUEST:
    case FAULT_EARLY_BUSY:
      step->read_body = note->fault.byte;
      break;
    case FAULT_REFUSED:
    case FAULT_STALE:
      step->read_body = 0;
      break;
    default:
      break;
    }
}

static void
on_answer (const ScriptRequest *raw, ScriptStep *step, gpointer user_data)
{
  FaultServer *self = user_data;
  Note *note = step->note;
  gboolean refuses;
  g_auto (FaultRequest) request = { 0 };

  request_init (&request, self, raw);
  g_mutex_lock (&self->lock);
  if (self->deaf)
    {
      step->then = SCRIPT_RESET;
      g_mutex_unlock (&self->lock);
      return;
    }
  self->n_requests++;
  if (fault_request_is_api (&request))
    {
      note->operation = fault_api_get_operation (&request);
      find_fault (self, &request, note);
    }

  if (!note->strikes || !fault_answer_not (self, &note->fault, step))
    {
      request.wrong_etag = note->strikes && note->fault.kind == FAULT_WRONG_ETAG;
      self->store->doubted = self->store->doubted || request.wrong_etag;
      if (!note->strikes || !fault_answer_instead (&request, &note->fault, step))
        {
          if (fault_request_is_api (&request))
            fault_api_run (&request);
          else
            fault_s3_run (&request);
        }
      if (request.begun != NULL)
        {
          note->begun = request.begun->number + 1;
          request.begun->late = script_socket_is_left (raw->fd);
        }
      make_answer (&request, step);
      if (note->strikes)
        fault_answer_spoil (self, &note->fault, step);
    }
  log_request (self, &request, note);
  refuses = self->refusing;
  g_mutex_unlock (&self->lock);
  if (refuses)
    script_server_set_refusing (self->http, TRUE);
}

static void
on_end (const ScriptRequest *raw, const ScriptStep *step, gboolean answered, gpointer user_data)
{
  FaultServer *self = user_data;
  const Note *note = step->note;

  g_mutex_lock (&self->lock);
  if (note->put[0] != '\0')
    g_hash_table_remove (self->busy, note->put);
  if (note->begun > 0 && answered)
    ((FaultUpload *) self->store->uploads->pdata[note->begun - 1])->told = TRUE;
  g_mutex_unlock (&self->lock);
}

static void
on_stall (guint16 port, gboolean stalls, gpointer user_data)
{
  ((FaultServer *) user_data)->stall (port, stalls);
}

static const ScriptHandler handler = { on_take, on_answer, on_end, on_stall };

void
fault_server_new_token (FaultServer *self)
{
  g_free (self->token);
  self->token = g_strdup_printf ("token-of-nobody-%u", ++self->n_tokens);
  g_ptr_array_add (self->secrets, g_strdup (self->token));
}

FaultServer *
fault_server_new (GArray *script, guint page, void (*stall) (guint16 port, gboolean stalls))
{
  FaultServer *self = g_new0 (FaultServer, 1);

  g_mutex_init (&self->lock);
  self->stall = stall;
  self->script = g_array_ref (script);
  self->page = page;
  self->store = fault_store_new ();
  self->secrets = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->secrets, g_strdup (FAULT_API_KEY));
  self->busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->log = g_string_new (NULL);
  fault_server_new_token (self);
  self->http = script_server_new ();
  script_server_set_handler (self->http, &handler, self);
  return self;
}

void
fault_server_free (FaultServer *self)
{
  script_server_free (self->http);
  g_array_unref (self->script);
  fault_store_free (self->store);
  g_ptr_array_unref (self->secrets);
  g_hash_table_unref (self->busy);
  g_string_free (self->log, TRUE);
  g_free (self->token);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const char *
fault_server_get_url (FaultServer *self)
{
  return script_server_get_url (self->http);
}

char *
fault_server_dup_token (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->token);
}

guint
fault_server_take_seconds (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint seconds = self->seconds;

  self->seconds = 0;
  return seconds;
}

gboolean
fault_server_is_refusing (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->refusing;
}

void
fault_server_listen (FaultServer *self)
{
  g_mutex_lock (&self->lock);
  self->refusing = FALSE;
  g_mutex_unlock (&self->lock);
  script_server_set_refusing (self->http, FALSE);
}

void
fault_server_heal (FaultServer *self)
{
  g_mutex_lock (&self->lock);
  self->healed = TRUE;
  self->store->healed = TRUE;
  g_mutex_unlock (&self->lock);
  fault_server_listen (self);
}

void
fault_server_set_deaf (FaultServer *self, gboolean deaf)
{
  g_mutex_lock (&self->lock);
  self->deaf = deaf;
  g_mutex_unlock (&self->lock);
}

void
fault_server_wait_idle (FaultServer *self)
{
  script_server_wait_idle (self->http);
}

FaultStore *
fault_server_lock (FaultServer *self)
{
  g_mutex_lock (&self->lock);
  return self->store;
}

void
fault_server_unlock (FaultServer *self)
{
  g_mutex_unlock (&self->lock);
}

guint
fault_server_get_n_requests (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_requests;
}

guint
fault_server_get_n_struck (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_struck;
}

guint
fault_server_get_n_overlaps (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_overlaps;
}

char *
fault_server_dup_log (FaultServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->log->str);
}

char *
fault_server_find_secret (FaultServer *self, const char *text, gsize length)
{
  /* Of a signed URL, or of a header. */
  static const char signature[] = "Signature=";
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (memmem (text, length, signature, strlen (signature)) != NULL)
    return g_strdup (signature);
  for (guint i = 0; i < self->secrets->len; i++)
    if (memmem (text, length, self->secrets->pdata[i], strlen (self->secrets->pdata[i])) != NULL)
      return g_strdup (self->secrets->pdata[i]);
  return NULL;
}
