/* streamer-s3-options.c: what an object is given beside its bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"

/* Amazon S3 User Guide, "User-defined object metadata" */
#define MAX_METADATA_BYTES 2048

/* Not all stores agree on other bytes, nor sign them alike. */
static gboolean
is_header_value (const char *value)
{
  gsize length = strlen (value);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (value[i]))
      return FALSE;
  return length > 0 && value[0] != ' ' && value[length - 1] != ' ';
}

static gboolean
is_metadata_name (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_.", *c) == NULL)
      return FALSE;
  return *name != '\0';
}

static gboolean
refuse (GError **error, const char *format, const char *what)
{
  g_autofree char *shown = streamer_key_display_name (what);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, format, shown);
#pragma GCC diagnostic pop
  return FALSE;
}

/* Case makes no difference: S3 would make one of two. */
static gboolean
is_repeated (const char *const *metadata, gsize index)
{
  for (gsize i = 0; i < index; i += 2)
    if (g_ascii_strcasecmp (metadata[i], metadata[index]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
add_metadata (GStrvBuilder *headers, const char *const *metadata, GError **error)
{
  gsize length = 0;

  for (gsize i = 0; metadata != NULL && metadata[i] != NULL; i += 2)
    {
      const char *value = metadata[i + 1];
      g_autofree char *lower = g_ascii_strdown (metadata[i], -1);
      g_autofree char *name = g_strconcat ("x-amz-meta-", lower, NULL);

      if (!is_metadata_name (metadata[i]))
        /* Translators: %s is a name such as "author" */
        return refuse (error, _ ("“%s” cannot be the name of an object’s metadata."), metadata[i]);
      if (is_repeated (metadata, i))
        /* Translators: %s is a name such as "author" */
        return refuse (error, _ ("The object’s metadata “%s” are given twice."), metadata[i]);
      if (!is_header_value (value))
        /* Translators: %s is a name such as "author" */
        return refuse (error,
                       _ ("The value of the object’s metadata “%s” is empty, or has blanks "
                          "around it or other characters than ASCII in it."),
                       metadata[i]);
      length += strlen (lower) + strlen (value);
      g_strv_builder_add_many (headers, name, value, NULL);
    }
  if (length > MAX_METADATA_BYTES)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The object’s metadata are longer than 2,048 bytes."));
      return FALSE;
    }
  return TRUE;
}

GStrv
streamer_s3_put_options_to_headers (const StreamerS3PutOptions *options, GError **error)
{
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();

  if (options == NULL)
    return g_strv_builder_end (headers);

  if (options->content_type != NULL)
    {
      if (!is_header_value (options->content_type))
        {
          refuse (error, _ ("“%s” is no usable content type."), options->content_type);
          return NULL;
        }
      g_strv_builder_add_many (headers, "Content-Type", options->content_type, NULL);
    }
  if (options->storage_class != NULL)
    {
      if (!is_header_value (options->storage_class))
        {
          refuse (error, _ ("“%s” is no usable storage class."), options->storage_class);
          return NULL;
        }
      g_strv_builder_add_many (headers, "x-amz-storage-class", options->storage_class, NULL);
    }
  if (!add_metadata (headers, options->metadata, error))
    return NULL;
  if (options->crc32)
    g_strv_builder_add_many (headers, "x-amz-checksum-algorithm", "CRC32", "x-amz-checksum-type",
                             "FULL_OBJECT", NULL);
  if (options->whole_crc32 != NULL)
    {
      g_autofree char *checksum = streamer_s3_crc32_to_string (*options->whole_crc32);

      g_strv_builder_add_many (headers, "x-amz-checksum-crc32", checksum, NULL);
    }
  if (options->if_none_match)
    g_strv_builder_add_many (headers, "If-None-Match", "*", NULL);
  return g_strv_builder_end (headers);
}
