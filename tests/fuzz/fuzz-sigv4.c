/* fuzz-sigv4.c: the canonical form of Signature Version 4, against a second implementation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is the path in a line, and behind it lines `q NAME=VALUE` and `h NAME: VALUE`.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-sigv4.h"

#define SECRET    "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx"
#define HOST      "bucket.example"
#define TIME      1369353600
#define DATE      "20130524"
#define TIME_TEXT DATE "T000000Z"
#define SCOPE     DATE "/us-east-1/s3/aws4_request"
#define MAX_PAIRS 8

typedef struct
{
  char *path;        /* (owned): encoded */
  GPtrArray *query;  /* (owned): name, value, …, NULL */
  GPtrArray *header; /* (owned): name, value, …, NULL */
} Request;

static gboolean
is_header (const char *name, const char *value)
{
  if (*name == '\0' || g_ascii_strncasecmp (name, "x-amz-", 6) == 0 ||
      g_ascii_strcasecmp (name, "host") == 0)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-')
      return FALSE;
  for (const char *c = value; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return FALSE;
  return TRUE;
}

static void
take_line (Request *request, const char *line)
{
  gboolean is_query = line[0] == 'q';
  GPtrArray *list = is_query ? request->query : request->header;
  const char *mark = strchr (line, is_query ? '=' : ':');
  g_autofree char *name = NULL;

  if ((!is_query && line[0] != 'h') || line[1] != ' ' || mark == NULL || mark < line + 3 ||
      list->len >= 2 * MAX_PAIRS)
    return;
  name = g_strndup (line + 2, mark - line - 2);
  if (!is_query && !is_header (name, mark + 1))
    return;
  g_ptr_array_add (list, g_steal_pointer (&name));
  g_ptr_array_add (list, g_strdup (mark + 1));
}

static void
check_encoding (const char *text)
{
  g_autofree char *once = streamer_sigv4_encode (text, FALSE);
  g_autofree char *twice = streamer_sigv4_encode (once, FALSE);
  g_autofree char *decoded = g_uri_unescape_string (once, NULL);

  g_assert_cmpstr (decoded, ==, text);
  for (const char *c = once; *c != '\0'; c++)
    if (*c == '%')
      {
        g_assert_true (g_ascii_isxdigit (c[1]) && !g_ascii_islower (c[1]));
        g_assert_true (g_ascii_isxdigit (c[2]) && !g_ascii_islower (c[2]));
      }
    else
      g_assert_true (g_ascii_isalnum (*c) || strchr ("-._~", *c) != NULL);
  /* Whoever encodes what is encoded already makes another name of it. */
  g_assert_true (g_str_equal (once, twice) == g_str_equal (once, text));
}

/* The last pair first. */
static GPtrArray *
reverse (GPtrArray *pairs)
{
  GPtrArray *reversed = g_ptr_array_new ();

  for (guint i = pairs->len - 1; i >= 2; i -= 2)
    {
      g_ptr_array_add (reversed, pairs->pdata[i - 2]);
      g_ptr_array_add (reversed, pairs->pdata[i - 1]);
    }
  g_ptr_array_add (reversed, NULL);
  return reversed;
}

static void
mac (GString *key, const char *text)
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) key->str, key->len);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_hmac_update (hmac, (const guchar *) text, -1);
  g_hmac_get_digest (hmac, digest, &length);
  g_hmac_unref (hmac);
  g_string_truncate (key, 0);
  g_string_append_len (key, (const char *) digest, length);
}

/* As the General Reference has it, step by step. */
static char *
sign (const char *canonical_request)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical_request, -1);
  g_autofree char *text = g_strdup_printf ("AWS4-HMAC-SHA256\n%s\n%s\n%s", TIME_TEXT, SCOPE, hash);
  g_autoptr (GString) key = g_string_new ("AWS4" SECRET);
  GString *hex = g_string_new (NULL);

  mac (key, DATE);
  mac (key, "us-east-1");
  mac (key, "s3");
  mac (key, "aws4_request");
  mac (key, text);
  for (gsize i = 0; i < key->len; i++)
    g_string_append_printf (hex, "%02x", (guchar) key->str[i]);
  return g_string_free (hex, FALSE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* @own: more headers, name in lower case. @names: (out): `host;x-amz-date` */
static char *
make_headers (const Request *request, const char *const *own, char **names)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GList) sorted = NULL;
  GString *text = g_string_new (NULL);
  GString *joined = g_string_new (NULL);

  for (gsize i = 0; request->header->pdata[i] != NULL; i += 2)
    {
      char *name = g_ascii_strdown (request->header->pdata[i], -1);
      g_auto (GStrv) words = g_strsplit (request->header->pdata[i + 1], " ", -1);
      const char *before = g_hash_table_lookup (values, name);
      GString *value = g_string_new (NULL);

      for (gsize w = 0; words[w] != NULL; w++)
        if (*words[w] != '\0')
          g_string_append_printf (value, "%s%s", value->len > 0 ? " " : "", words[w]);
      if (before != NULL)
        {
          g_string_prepend_c (value, ',');
          g_string_prepend (value, before);
        }
      g_hash_table_insert (values, name, g_string_free (value, FALSE));
    }
  for (; own[0] != NULL; own += 2)
    g_hash_table_insert (values, g_strdup (own[0]), g_strdup (own[1]));

  sorted = g_list_sort (g_hash_table_get_keys (values), (GCompareFunc) strcmp);
  for (GList *name = sorted; name != NULL; name = name->next)
    {
      const char *value = g_hash_table_lookup (values, name->data);

      g_string_append_printf (text, "%s:%s\n", (const char *) name->data, value);
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? ";" : "",
                              (const char *) name->data);
    }
  *names = g_string_free (joined, FALSE);
  return g_string_free (text, FALSE);
}

/* By name, then by value; every name that was asked for is there, decoded once. */
static void
check_query (const char *query, const Request *request)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);
  g_autofree char *before_name = g_strdup (""), *before_value = g_strdup ("");
  guint n_found = 0;

  for (gsize i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');
      int order;

      g_assert_nonnull (equals);
      *equals = '\0';
      order = strcmp (before_name, pairs[i]);
      g_assert_true (order < 0 || (order == 0 && strcmp (before_value, equals + 1) <= 0));
      g_free (before_name);
      g_free (before_value);
      before_name = g_strdup (pairs[i]);
      before_value = g_strdup (equals + 1);
      for (gsize n = 0; request->query->pdata[n] != NULL; n += 2)
        {
          g_autofree char *name = g_uri_unescape_string (before_name, NULL);
          g_autofree char *value = g_uri_unescape_string (before_value, NULL);

          if (g_str_equal (name, request->query->pdata[n]) &&
              g_str_equal (value, request->query->pdata[n + 1]))
            {
              n_found++;
              break;
            }
        }
    }
  g_assert_cmpuint (n_found, >=, (request->query->len - 1) / 2);
}

static void
check_presigned (const StreamerSigV4 *signer, const Request *request, gboolean may_show_secret)
{
  static const char *const own[] = { "host", HOST, NULL };
  g_autoptr (GPtrArray) reversed = reverse (request->query);
  const char *const *headers = (const char *const *) request->header->pdata;
  g_autofree char *url =
      streamer_sigv4_presign (signer, "PUT", "https://" HOST, request->path,
                              (const char *const *) request->query->pdata, headers, 60);
  g_autofree char *other =
      streamer_sigv4_presign (signer, "PUT", "https://" HOST, request->path,
                              (const char *const *) reversed->pdata, headers, 60);
  g_autofree char *names = NULL, *text = NULL, *canonical = NULL, *signature = NULL;
  char *query = strchr (url, '?') + 1;
  char *mark = g_strrstr (url, "&X-Amz-Signature=");

  g_assert_cmpstr (url, ==, other);
  g_assert_true (may_show_secret || strstr (url, SECRET) == NULL);
  g_assert_nonnull (mark);
  *mark = '\0';
  check_query (query, request);

  text = make_headers (request, own, &names);
  canonical =
      g_strdup_printf ("PUT\n%s\n%s\n%s\n%s\nUNSIGNED-PAYLOAD", request->path, query, text, names);
  signature = sign (canonical);
  g_assert_cmpstr (mark + strlen ("&X-Amz-Signature="), ==, signature);
}

static char *
make_query (const Request *request)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);
  GString *joined = g_string_new (NULL);

  for (gsize i = 0; request->query->pdata[i] != NULL; i += 2)
    {
      g_autofree char *name = streamer_sigv4_encode (request->query->pdata[i], FALSE);
      g_autofree char *value = streamer_sigv4_encode (request->query->pdata[i + 1], FALSE);

      /* By a byte below all others: names are compared first. */
      g_ptr_array_add (sorted, g_strconcat (name, "\001", value, NULL));
    }
  g_ptr_array_sort (sorted, compare);
  for (guint i = 0; i < sorted->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? "&" : "",
                            g_strdelimit (sorted->pdata[i], "\001", '='));
  return g_string_free (joined, FALSE);
}

static void
check_signed (const StreamerSigV4 *signer, const Request *request, gboolean may_show_secret)
{
  static const char *const own[] = {
    "host",       HOST,      "x-amz-content-sha256", "UNSIGNED-PAYLOAD",
    "x-amz-date", TIME_TEXT, "x-amz-security-token", "TOKEN",
    NULL
  };
  g_autoptr (GPtrArray) reversed = reverse (request->query);
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  g_auto (GStrv) sent = NULL;
  g_autofree char *query = NULL, *names = NULL, *text = NULL, *canonical = NULL;
  g_autofree char *signature = NULL, *wanted = NULL;
  StreamerS3Credentials *credentials = signer->credentials;
  guint n;

  g_ptr_array_add (headers, (char *) "host");
  g_ptr_array_add (headers, (char *) HOST);
  for (guint i = 0; i < request->header->len; i++)
    g_ptr_array_add (headers, request->header->pdata[i]);
  sent = streamer_sigv4_sign_headers (
      signer, "PUT", request->path, (const char *const *) reversed->pdata,
      (const char *const *) headers->pdata, STREAMER_SIGV4_UNSIGNED_PAYLOAD);
  n = g_strv_length (sent);
  for (guint i = 0; i < n && !may_show_secret; i++)
    g_assert_null (strstr (sent[i], SECRET));

  query = make_query (request);
  text = make_headers (request, own, &names);
  canonical =
      g_strdup_printf ("PUT\n%s\n%s\n%s\n%s\nUNSIGNED-PAYLOAD", request->path, query, text, names);
  signature = sign (canonical);
  wanted = g_strdup_printf ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                            credentials->access_key, SCOPE, names, signature);
  g_assert_cmpstr (sent[n - 2], ==, "Authorization");
  g_assert_cmpstr (sent[n - 1], ==, wanted);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  gboolean has_secret = size > 0 && memmem (data, size, SECRET, strlen (SECRET)) != NULL;
  g_autoptr (StreamerS3Credentials) credentials =
      streamer_s3_credentials_new ("AKIDEXAMPLE", SECRET, "TOKEN", 0);
  g_autoptr (StreamerS3Credentials) lasting =
      streamer_s3_credentials_new ("AKIDEXAMPLE", SECRET, NULL, 0);
  StreamerSigV4 signer = { credentials, "us-east-1", "s3", TIME };
  StreamerSigV4 lasting_signer = { lasting, "us-east-1", "s3", TIME };
  g_autofree char *path = fuzz_take_line (&input);
  g_autofree char *encoded = NULL;
  Request request = { 0 };

  check_encoding (path);
  encoded = streamer_sigv4_encode (path, TRUE);
  request.path = g_strconcat ("/", encoded, NULL);
  request.query = g_ptr_array_new_with_free_func (g_free);
  request.header = g_ptr_array_new_with_free_func (g_free);
  while (input.size > 0)
    {
      g_autofree char *line = fuzz_take_line (&input);

      take_line (&request, line);
    }
  g_ptr_array_add (request.query, NULL);
  g_ptr_array_add (request.header, NULL);

  check_presigned (&signer, &request, has_secret);
  check_presigned (&lasting_signer, &request, has_secret);
  check_signed (&signer, &request, has_secret);
  g_ptr_array_unref (request.query);
  g_ptr_array_unref (request.header);
  g_free (request.path);
  return 0;
}
