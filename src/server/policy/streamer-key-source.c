/* streamer-key-source.c: keys of an identity provider, kept fresh
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lock is held to look, never while the network is waited for: one thread fetches, and those
 * that need what it will bring are told to come back.
 */

#include "streamer-key-source.h"

#include <string.h>
#include <sys/stat.h>

#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-server-log.h"

#define MINUTE            (60 * (gint64) G_USEC_PER_SEC)
#define FRESH_USEC        (60 * MINUTE)
#define STALE_USEC        (24 * 60 * MINUTE)
#define MAX_FILE          1048576
#define RETRY_SECONDS     2
#define RETRY_BAD_SECONDS 60

struct _StreamerKeySource
{
  char *path; /* (owned) (nullable) (type filename) */
  char *uri;  /* (owned) (nullable) */
  StreamerThrottleClock clock;

  GMutex lock;
  StreamerJwkSet *set;  /* (owned) (nullable): the lock */
  struct stat status;   /* of the file that was read: the lock */
  gint64 asked;         /* when the address was asked last: the lock */
  gint64 fetched;       /* when it answered: the lock */
  gboolean was_asked;   /* the lock */
  gboolean is_fetching; /* the lock */
};

StreamerKeySource *
streamer_key_source_new_file (const char *path)
{
  StreamerKeySource *self = g_atomic_rc_box_new0 (StreamerKeySource);

  self->path = g_strdup (path);
  g_mutex_init (&self->lock);
  return self;
}

StreamerKeySource *
streamer_key_source_new_uri (const char *uri, StreamerThrottleClock clock)
{
  StreamerKeySource *self = g_atomic_rc_box_new0 (StreamerKeySource);

  self->uri = g_strdup (uri);
  self->clock = clock;
  g_mutex_init (&self->lock);
  return self;
}

StreamerKeySource *
streamer_key_source_ref (StreamerKeySource *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  StreamerKeySource *self = data;

  g_clear_pointer (&self->set, streamer_jwk_set_unref);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self->uri);
}

void
streamer_key_source_unref (StreamerKeySource *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

gboolean
streamer_key_source_is_same (const StreamerKeySource *a, const StreamerKeySource *b)
{
  return g_strcmp0 (a->path, b->path) == 0 && g_strcmp0 (a->uri, b->uri) == 0;
}

gboolean
streamer_key_source_check_uri (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GInetAddress) address = NULL;
  const char *host = parsed ? g_uri_get_host (parsed) : NULL;

  if (!host || *host == '\0' || g_uri_get_user (parsed))
    return FALSE;
  if (strcmp (g_uri_get_scheme (parsed), "https") == 0)
    return TRUE;
  if (strcmp (g_uri_get_scheme (parsed), "http") != 0)
    return FALSE;
  address = g_inet_address_new_from_string (host);
  return address ? g_inet_address_get_is_loopback (address) : strcmp (host, "localhost") == 0;
}

static gboolean
is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* With the lock. A file that is being replaced, or is broken, leaves what was read before. */
static void
read_file (StreamerKeySource *self)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  StreamerJwkSet *set = NULL;
  struct stat status;
  gsize length;

  if (stat (self->path, &status) != 0 || is_same_file (&status, &self->status))
    return;
  self->status = status;
  if (status.st_size <= MAX_FILE && g_file_get_contents (self->path, &text, &length, &error))
    set = streamer_jwk_set_parse (text, length, &error);
  if (set)
    {
      g_clear_pointer (&self->set, streamer_jwk_set_unref);
      self->set = set;
    }
  else
    streamer_server_log ("error", "jwks", "file", self->path, "error",
                         error ? error->message : "The file is too large.", NULL);
}

/* Without the lock. */
static StreamerJwkSet *
fetch (StreamerKeySource *self)
{
  const char *const headers[] = { "Accept", "application/json", NULL };
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  StreamerJwkSet *set = NULL;

  if (streamer_http_send_text (http, "GET", self->uri, headers, NULL, STREAMER_HTTP_DEFAULT,
                               &answer, NULL, &error))
    {
      if (answer.status == SOUP_STATUS_OK)
        set = streamer_jwk_set_parse (g_bytes_get_data (answer.body, NULL),
                                      g_bytes_get_size (answer.body), &error);
      else
        g_set_error (&error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL, "The status is %u.",
                     answer.status);
    }
  if (!set)
    streamer_server_log ("error", "jwks", "error", error->message, NULL);
  return set;
}

/* With the lock. */
static gboolean
has_key (StreamerKeySource *self, const char *kid, StreamerJwtAlgorithm algorithm, gint64 max_age)
{
  return self->set && self->clock () - self->fetched < max_age &&
         streamer_jwk_set_find (self->set, kid, algorithm);
}

/* With the lock, which is given back meanwhile. Returns: whether it makes sense to look again soon
 * where the key is not there */
static gboolean
ask (StreamerKeySource *self)
{
  StreamerJwkSet *set;

  if (self->is_fetching)
    return TRUE;
  if (self->was_asked && self->clock () - self->asked < MINUTE)
    return FALSE;
  self->was_asked = self->is_fetching = TRUE;
  self->asked = self->clock ();
  g_mutex_unlock (&self->lock);
  set = fetch (self);
  g_mutex_lock (&self->lock);
  self->is_fetching = FALSE;
  if (set)
    {
      g_clear_pointer (&self->set, streamer_jwk_set_unref);
      self->set = set;
      self->fetched = self->clock ();
    }
  return FALSE;
}

StreamerJwkSet *
streamer_key_source_get (StreamerKeySource *self,
                         const char *kid,
                         StreamerJwtAlgorithm algorithm,
                         GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean come_back = FALSE;
  GError *busy;

  if (self->path)
    read_file (self);
  else if (!has_key (self, kid, algorithm, FRESH_USEC))
    come_back = ask (self) && !has_key (self, kid, algorithm, STALE_USEC);
  if (self->set && !come_back && (self->path || self->clock () - self->fetched < STALE_USEC))
    return streamer_jwk_set_ref (self->set);
  busy = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_BUSY,
                              "The keys of the identity provider cannot be had at the moment.");
  streamer_error_set_answer (busy, 0, come_back ? RETRY_SECONDS : RETRY_BAD_SECONDS, NULL);
  g_propagate_error (error, busy);
  return NULL;
}
