/* streamer-s3-address.c: where an object's requests go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-url.h"

#define MAX_BUCKET_BYTES 255
#define MAX_REGION_BYTES 64

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

void
streamer_s3_location_clear (StreamerS3Location *location)
{
  g_clear_pointer (&location->endpoint, g_free);
  g_clear_pointer (&location->region, g_free);
  g_clear_pointer (&location->bucket, g_free);
  g_clear_pointer (&location->prefix, g_free);
}

void
streamer_s3_location_copy (const StreamerS3Location *location, StreamerS3Location *copy)
{
  copy->endpoint = g_strdup (location->endpoint);
  copy->region = g_strdup (location->region);
  copy->bucket = g_strdup (location->bucket);
  copy->prefix = g_strdup (location->prefix);
  copy->path_style = location->path_style;
}

char *
streamer_s3_location_get_key (const StreamerS3Location *location, const char *key)
{
  if (location->prefix == NULL || *location->prefix == '\0')
    return g_strdup (key);
  return g_strconcat (location->prefix, "/", key, NULL);
}

void
streamer_s3_address_clear (StreamerS3Address *address)
{
  g_clear_pointer (&address->base, g_free);
  g_clear_pointer (&address->path, g_free);
}

/* Amazon S3 User Guide, "Virtual hosting of buckets": a wildcard certificate covers no dots. */
static gboolean
fits_host_name (const char *bucket, gboolean secure)
{
  gsize length = strlen (bucket);

  if (length < 3 || length > 63 || !g_ascii_isalnum (bucket[0]) ||
      !g_ascii_isalnum (bucket[length - 1]) || strstr (bucket, "..") != NULL)
    return FALSE;
  for (const char *c = bucket; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-' && (*c != '.' || secure))
      return FALSE;
  return TRUE;
}

static gboolean
is_bucket_usable (const char *bucket)
{
  if (bucket == NULL || *bucket == '\0' || strlen (bucket) > MAX_BUCKET_BYTES ||
      g_str_equal (bucket, ".") || g_str_equal (bucket, ".."))
    return FALSE;
  for (const char *c = bucket; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || strchr ("/?#\\", *c) != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_default_port (const char *scheme, int port)
{
  return port <= 0 || port == (g_str_equal (scheme, "https") ? 443 : 80);
}

/* Scheme and host as libsoup writes them into the Host header. */
static char *
make_base (GUri *uri, const char *bucket)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);
  g_autofree char *ascii = g_hostname_to_ascii (host);
  g_autofree char *lower = g_ascii_strdown (ascii != NULL ? ascii : host, -1);
  gboolean is_v6 = strchr (lower, ':') != NULL;
  GString *base = g_string_new (NULL);

  g_string_printf (base, "%s://%s%s%s%s%s", scheme, bucket != NULL ? bucket : "",
                   bucket != NULL ? "." : "", is_v6 ? "[" : "", lower, is_v6 ? "]" : "");
  if (!is_default_port (scheme, g_uri_get_port (uri)))
    g_string_append_printf (base, ":%d", g_uri_get_port (uri));
  return g_string_free (base, FALSE);
}

/* The endpoint's own path, where it has one, without a slash at its end. */
static char *
get_endpoint_path (GUri *uri)
{
  char *path = g_strdup (g_uri_get_path (uri));
  gsize length = strlen (path);

  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
  return path;
}

static GUri *
parse_endpoint (const char *endpoint, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (endpoint != NULL && streamer_url_is_usable (endpoint))
    uri = g_uri_parse (endpoint, SOUP_HTTP_URI_FLAGS, NULL);
  /* An address with a zone is not what the Host header says, which is signed. */
  if (uri == NULL || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL ||
      strchr (g_uri_get_host (uri), '%') != NULL)
    {
      refuse (error, _ ("The endpoint is not a usable http or https address."));
      return NULL;
    }
  return g_steal_pointer (&uri);
}

gboolean
streamer_s3_address_init (StreamerS3Address *address,
                          const StreamerS3Location *location,
                          const char *key,
                          GError **error)
{
  g_autoptr (GUri) uri = parse_endpoint (location->endpoint, error);
  const char *bucket = location->bucket;
  g_autofree char *endpoint_path = NULL;
  g_autofree char *whole_key = NULL;
  g_autofree char *encoded_key = NULL;
  g_autofree char *encoded_bucket = NULL;
  gboolean in_host;

  if (uri == NULL)
    return FALSE;
  if (!is_bucket_usable (bucket))
    return refuse (error, _ ("The name of the bucket cannot be used."));
  if (key != NULL)
    {
      whole_key = streamer_s3_location_get_key (location, key);
      if (*key == '\0' || strlen (whole_key) > STREAMER_KEY_MAX_BYTES)
        return refuse (error, _ ("The name is empty, or longer than 1,024 bytes with its folder."));
      encoded_key = streamer_sigv4_encode (whole_key, TRUE);
    }

  in_host = !location->path_style && !g_hostname_is_ip_address (g_uri_get_host (uri)) &&
            fits_host_name (bucket, g_str_equal (g_uri_get_scheme (uri), "https"));
  encoded_bucket = streamer_sigv4_encode (bucket, FALSE);
  endpoint_path = get_endpoint_path (uri);
  address->base = make_base (uri, in_host ? bucket : NULL);
  address->path = g_strconcat (endpoint_path, in_host ? "" : "/", in_host ? "" : encoded_bucket,
                               encoded_key != NULL || in_host ? "/" : "", encoded_key, NULL);
  return TRUE;
}

const char *
streamer_s3_address_get_host (const StreamerS3Address *address)
{
  return strstr (address->base, "://") + strlen ("://");
}

static gboolean
is_region (const char *text)
{
  if (text == NULL || *text == '\0' || strlen (text) > MAX_REGION_BYTES)
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-')
      return FALSE;
  return TRUE;
}

/* @host: s3.amazonaws.com, s3.REGION.…, s3-REGION.…, s3.dualstack.REGION.…
 *
 * Returns: (nullable): the region in the name of an endpoint of Amazon S3, "" where it names none;
 * @head and @tail are what stands around it. */
static char *
split_amazon (const char *host, const char **head, const char **tail)
{
  static const char *const heads[] = { "s3.dualstack.", "s3.", "s3-" };
  static const char *const tails[] = { ".amazonaws.com", ".amazonaws.com.cn" };

  *head = "s3.";
  for (guint t = 0; t < G_N_ELEMENTS (tails); t++)
    {
      g_autofree char *rest = NULL;

      if (!g_str_has_suffix (host, tails[t]))
        continue;
      *tail = tails[t];
      rest = g_strndup (host, strlen (host) - strlen (tails[t]));
      if (g_str_equal (rest, "s3"))
        return g_strdup ("");
      for (guint h = 0; h < G_N_ELEMENTS (heads); h++)
        if (g_str_has_prefix (rest, heads[h]) && is_region (rest + strlen (heads[h])))
          {
            /* The old form with a hyphen is not known in newer regions. */
            *head = g_str_equal (heads[h], "s3-") ? "s3." : heads[h];
            return g_strdup (rest + strlen (heads[h]));
          }
    }
  return NULL;
}

char *
streamer_s3_location_find_region (const StreamerS3Location *location, const char *endpoint)
{
  g_autoptr (GUri) uri = parse_endpoint (location->endpoint, NULL);
  g_autofree char *ours = NULL;
  g_autofree char *theirs = NULL;
  const char *head = NULL;
  const char *our_tail = NULL;
  const char *their_tail = NULL;

  if (uri == NULL || endpoint == NULL)
    return NULL;
  ours = split_amazon (g_uri_get_host (uri), &head, &our_tail);
  if (g_str_has_prefix (endpoint, location->bucket) && endpoint[strlen (location->bucket)] == '.')
    endpoint += strlen (location->bucket) + 1;
  theirs = split_amazon (endpoint, &head, &their_tail);
  if (ours == NULL || theirs == NULL || *theirs == '\0' || !g_str_equal (our_tail, their_tail))
    return NULL;
  return g_steal_pointer (&theirs);
}

gboolean
streamer_s3_location_move (StreamerS3Location *location, const char *region)
{
  g_autoptr (GUri) uri = parse_endpoint (location->endpoint, NULL);
  g_autofree char *named = NULL;
  const char *head = NULL;
  const char *tail = NULL;

  if (uri == NULL || !is_region (region))
    return FALSE;
  named = split_amazon (g_uri_get_host (uri), &head, &tail);
  if (g_strcmp0 (region, location->region) == 0 && (named == NULL || g_str_equal (named, region)))
    return FALSE;

  if (named != NULL)
    {
      g_free (location->endpoint);
      location->endpoint =
          g_strdup_printf ("%s://%s%s%s", g_uri_get_scheme (uri), head, region, tail);
    }
  g_free (location->region);
  location->region = g_strdup (region);
  return TRUE;
}
