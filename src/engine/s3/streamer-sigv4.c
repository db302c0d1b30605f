/* streamer-sigv4.c: Signature Version 4, in headers and in URLs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-sigv4.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-hex.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define HASH_BYTES STREAMER_SIGV4_KEY_BYTES

typedef struct
{
  char *name;  /* (owned) */
  char *value; /* (owned) */
} Pair;

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

/* By the bytes of the name, then of the value. */
static int
pair_compare (gconstpointer a, gconstpointer b)
{
  const Pair *first = *(const Pair *const *) a;
  const Pair *second = *(const Pair *const *) b;
  int order = strcmp (first->name, second->name);

  return order != 0 ? order : strcmp (first->value, second->value);
}

static void
add_pair (GPtrArray *pairs, char *name, char *value)
{
  Pair *pair = g_new (Pair, 1);

  pair->name = name;
  pair->value = value;
  g_ptr_array_add (pairs, pair);
}

char *
streamer_sigv4_hash (const char *data, gsize length)
{
  guint8 hash[HASH_BYTES];

  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, data, length, hash) < 0)
    g_error ("GnuTLS has no SHA-256.");
  return streamer_hex_encode (hash, sizeof hash);
}

static void
hmac (const void *key, gsize key_length, const char *text, guint8 *mac)
{
  if (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, key_length, text, strlen (text), mac) < 0)
    g_error ("GnuTLS has no HMAC-SHA-256.");
}

char *
streamer_sigv4_encode (const char *text, gboolean keep_slash)
{
  static const char digits[] = "0123456789ABCDEF";
  GString *encoded;

  g_return_val_if_fail (text != NULL, NULL);

  encoded = g_string_sized_new (strlen (text) + 16);
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_isalnum (*c) || strchr ("-._~", *c) != NULL || (keep_slash && *c == '/'))
        g_string_append_c (encoded, *c);
      else
        {
          g_string_append_c (encoded, '%');
          g_string_append_c (encoded, digits[(guchar) *c >> 4]);
          g_string_append_c (encoded, digits[*c & 15]);
        }
    }
  return g_string_free (encoded, FALSE);
}

/* Such as 20130524T000000Z; its first eight characters are the date. */
static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return g_date_time_format (time, "%Y%m%dT%H%M%SZ");
}

static char *
make_scope (const StreamerSigV4 *self, const char *time)
{
  return g_strdup_printf ("%.8s/%s/%s/" TERMINATOR, time, self->region, self->service);
}

static GPtrArray *
encode_query (const char *const *query)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (pair_free);

  for (; query != NULL && query[0] != NULL; query += 2)
    add_pair (pairs, streamer_sigv4_encode (query[0], FALSE),
              streamer_sigv4_encode (query[1], FALSE));
  return pairs;
}

static char *
join_query (GPtrArray *pairs)
{
  GString *joined = g_string_new (NULL);

  g_ptr_array_sort (pairs, pair_compare);
  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];

      g_string_append_printf (joined, "%s%s=%s", i > 0 ? "&" : "", pair->name, pair->value);
    }
  return g_string_free (joined, FALSE);
}

/* Without blanks around it, and with one instead of several inside. */
static char *
normalize_value (const char *value)
{
  GString *normal = g_string_new (NULL);

  for (const char *c = value; *c != '\0'; c++)
    if (*c != ' ' || (normal->len > 0 && normal->str[normal->len - 1] != ' '))
      g_string_append_c (normal, *c);
  if (normal->len > 0 && normal->str[normal->len - 1] == ' ')
    g_string_truncate (normal, normal->len - 1);
  return g_string_free (normal, FALSE);
}

static void
add_headers (GPtrArray *pairs, const char *const *headers)
{
  for (; headers != NULL && headers[0] != NULL; headers += 2)
    {
      g_autofree char *name = g_ascii_strdown (headers[0], -1);
      Pair *same = NULL;

      for (guint i = 0; i < pairs->len && same == NULL; i++)
        if (g_str_equal (((Pair *) pairs->pdata[i])->name, name))
          same = pairs->pdata[i];
      if (same != NULL)
        {
          g_autofree char *more = normalize_value (headers[1]);
          g_autofree char *before = same->value;

          same->value = g_strconcat (before, ",", more, NULL);
        }
      else
        add_pair (pairs, g_steal_pointer (&name), normalize_value (headers[1]));
    }
}

/* Such as `host;x-amz-date`. */
static char *
join_names (GPtrArray *headers)
{
  GString *names = g_string_new (NULL);

  g_ptr_array_sort (headers, pair_compare);
  for (guint i = 0; i < headers->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ";" : "", ((Pair *) headers->pdata[i])->name);
  return g_string_free (names, FALSE);
}

/* @key: of one day, one region and one service: most signatures are made with the same. */
static void
derive_key (const StreamerSigV4 *self, const char *time, guint8 *key)
{
  g_autofree char *scope = make_scope (self, time);
  g_autofree char *date = NULL;
  gsize length;
  char *secret;

  if (streamer_s3_credentials_find_key (self->credentials, scope, key))
    return;
  date = g_strndup (time, 8);
  length = strlen ("AWS4") + strlen (self->credentials->secret_key);
  secret = g_strconcat ("AWS4", self->credentials->secret_key, NULL);
  hmac (secret, length, date, key);
  hmac (key, HASH_BYTES, self->region, key);
  hmac (key, HASH_BYTES, self->service, key);
  hmac (key, HASH_BYTES, TERMINATOR, key);

  gnutls_memset (secret, 0, length);
  g_free (secret);
  streamer_s3_credentials_keep_key (self->credentials, scope, key);
}

static char *
sign_text (const StreamerSigV4 *self, const char *time, const char *text)
{
  guint8 key[HASH_BYTES];
  guint8 signature[HASH_BYTES];

  derive_key (self, time, key);
  hmac (key, sizeof key, text, signature);
  gnutls_memset (key, 0, sizeof key);
  return streamer_hex_encode (signature, sizeof signature);
}

/* @headers: as join_names() has sorted them */
static char *
sign (const StreamerSigV4 *self,
      const char *time,
      const char *method,
      const char *path,
      const char *query,
      GPtrArray *headers,
      const char *names,
      const char *payload_hash)
{
  g_autoptr (GString) request = g_string_new (NULL);
  g_autofree char *scope = make_scope (self, time);
  g_autofree char *request_hash = NULL;
  g_autofree char *text = NULL;

  g_string_append_printf (request, "%s\n%s\n%s\n", method, path, query);
  for (guint i = 0; i < headers->len; i++)
    {
      const Pair *pair = headers->pdata[i];

      g_string_append_printf (request, "%s:%s\n", pair->name, pair->value);
    }
  g_string_append_printf (request, "\n%s\n%s", names, payload_hash);
  request_hash = streamer_sigv4_hash (request->str, request->len);
  text = g_strdup_printf (ALGORITHM "\n%s\n%s\n%s", time, scope, request_hash);
  return sign_text (self, time, text);
}

static gboolean
is_for_s3 (const StreamerSigV4 *self)
{
  return g_str_equal (self->service, "s3");
}

GStrv
streamer_sigv4_sign_headers (const StreamerSigV4 *self,
                             const char *method,
                             const char *path,
                             const char *const *query,
                             const char *const *headers,
                             const char *payload_hash)
{
  g_autoptr (GStrvBuilder) sent = g_strv_builder_new ();
  g_autoptr (GPtrArray) queries = encode_query (query);
  g_autoptr (GPtrArray) signed_headers = g_ptr_array_new_with_free_func (pair_free);
  g_autofree char *time = format_time (self->time);
  g_autofree char *scope = make_scope (self, time);
  g_autofree char *joined = join_query (queries);
  g_autofree char *names = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *authorization = NULL;
  const char *added[7] = { "x-amz-date", time, NULL };
  guint n = 2;

  g_return_val_if_fail (path[0] == '/' && payload_hash != NULL, NULL);

  if (is_for_s3 (self))
    {
      added[n++] = "x-amz-content-sha256";
      added[n++] = payload_hash;
    }
  if (self->credentials->session_token != NULL)
    {
      added[n++] = "x-amz-security-token";
      added[n++] = self->credentials->session_token;
    }
  add_headers (signed_headers, headers);
  add_headers (signed_headers, added);
  names = join_names (signed_headers);
  signature = sign (self, time, method, path, joined, signed_headers, names, payload_hash);
  authorization = g_strdup_printf (ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                                   self->credentials->access_key, scope, names, signature);

  g_strv_builder_addv (sent, (const char **) headers);
  g_strv_builder_addv (sent, added);
  g_strv_builder_add_many (sent, "Authorization", authorization, NULL);
  return g_strv_builder_end (sent);
}

char *
streamer_sigv4_presign (const StreamerSigV4 *self,
                        const char *method,
                        const char *scheme_and_host,
                        const char *path,
                        const char *const *query,
                        const char *const *headers,
                        guint expires_in)
{
  g_autoptr (GPtrArray) queries = encode_query (query);
  g_autoptr (GPtrArray) signed_headers = g_ptr_array_new_with_free_func (pair_free);
  g_autofree char *time = format_time (self->time);
  g_autofree char *scope = make_scope (self, time);
  g_autofree char *credential = g_strconcat (self->credentials->access_key, "/", scope, NULL);
  g_autofree char *expires = g_strdup_printf ("%u", expires_in);
  g_autoptr (GPtrArray) own_queries = NULL;
  g_autofree char *names = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *signature = NULL;
  const char *host = strstr (scheme_and_host, "://");
  const char *own_headers[] = { "host", NULL, NULL };

  g_return_val_if_fail (host != NULL && path[0] == '/', NULL);
  g_return_val_if_fail (expires_in > 0 && expires_in <= STREAMER_SIGV4_MAX_EXPIRES, NULL);

  own_headers[1] = host + strlen ("://");
  add_headers (signed_headers, own_headers);
  add_headers (signed_headers, headers);
  names = join_names (signed_headers);
  {
    const char *const own[] = {
      "X-Amz-Algorithm",
      ALGORITHM,
      "X-Amz-Credential",
      credential,
      "X-Amz-Date",
      time,
      "X-Amz-Expires",
      expires,
      "X-Amz-SignedHeaders",
      names,
      self->credentials->session_token != NULL ? "X-Amz-Security-Token" : NULL,
      self->credentials->session_token,
      NULL,
    };

    own_queries = encode_query (own);
  }
  g_ptr_array_extend_and_steal (queries, g_steal_pointer (&own_queries));
  joined = join_query (queries);
  signature = sign (self, time, method, path, joined, signed_headers, names,
                    STREAMER_SIGV4_UNSIGNED_PAYLOAD);
  return g_strconcat (scheme_and_host, path, "?", joined, "&X-Amz-Signature=", signature, NULL);
}

char *
streamer_sigv4_get_credential (const StreamerSigV4 *self)
{
  g_autofree char *time = format_time (self->time);
  g_autofree char *scope = make_scope (self, time);

  return g_strconcat (self->credentials->access_key, "/", scope, NULL);
}

char *
streamer_sigv4_get_time (const StreamerSigV4 *self)
{
  return format_time (self->time);
}

char *
streamer_sigv4_sign_text (const StreamerSigV4 *self, const char *text)
{
  g_autofree char *time = format_time (self->time);

  return sign_text (self, time, text);
}
