/* fuzz-http-request.c: the head of a request to the server, and the URLs that it has signed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-http-request.h"
#include "streamer-remote.h"
#include "streamer-url-signer.h"

static void
check_parameters (const StreamerHttpRequest *request)
{
  static const char *const names[] = { "filename", "expires", "a", "" };
  g_autofree char *filename = streamer_http_request_get_filename (request);

  g_assert_true (filename == NULL || g_utf8_validate (filename, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *value = streamer_http_request_get_parameter (request, names[i]);

      g_assert_true (value == NULL || g_utf8_validate (value, -1, NULL));
    }
}

/* There is nothing here that this key has signed. */
static void
check_signatures (const StreamerHttpRequest *request)
{
  static const guint8 bytes[STREAMER_SEAL_KEY_BYTES] = { 7 };
  g_autoptr (StreamerSeal) seal = streamer_seal_new (bytes);
  g_auto (StreamerPartGrant) grant = { 0 };
  g_autoptr (GError) part_error = NULL, error = NULL;
  g_autofree char *key = NULL;

  g_assert_false (streamer_url_signer_check_part (seal, request, &grant, &part_error));
  fuzz_check_error (FALSE, part_error);
  key = streamer_url_signer_check_download (seal, request, FALSE, &error);
  g_assert_null (key);
  fuzz_check_error (FALSE, error);
  g_clear_error (&error);
  key = streamer_url_signer_check_download (seal, request, TRUE, &error);
  fuzz_check_error (key != NULL, error);
}

static void
check_remote (const StreamerHttpRequest *request)
{
  g_autoptr (GPtrArray) proxies = g_ptr_array_new_with_free_func (g_object_unref);
  const char *forwarded = soup_message_headers_get_list (request->headers, "X-Forwarded-For");
  g_autofree char *remote = NULL;
  g_autofree char *network = NULL;

  g_ptr_array_add (proxies, g_inet_address_mask_new_from_string ("127.0.0.0/8", NULL));
  remote = streamer_remote_find ("127.0.0.1", forwarded, proxies);
  network = streamer_remote_get_network (remote);
  fuzz_check_shown (remote, NULL);
  fuzz_check_shown (network, NULL);
}

/* What two programs in a row could read in two ways. */
static void
check_framing (const StreamerHttpRequest *request)
{
  const char *length = soup_message_headers_get_list (request->headers, "Content-Length");
  const char *host = soup_message_headers_get_list (request->headers, "Host");

  fuzz_check_headers (request->headers);
  g_assert_null (soup_message_headers_get_one (request->headers, "Transfer-Encoding"));
  g_assert_true (request->has_length == (length != NULL));
  g_assert_cmpuint (request->length, <=, G_MAXINT64);
  g_assert_true (request->has_length || request->length == 0);
  if (length != NULL)
    g_assert_cmpuint (g_ascii_strtoull (length, NULL, 10), ==, request->length);
  g_assert_true (host == NULL || strpbrk (host, ",/@ ") == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  guint refusal = 0;
  g_autoptr (StreamerHttpRequest) request =
      streamer_http_request_parse ((const char *) data, size, &refusal);
  g_autofree char *origin = NULL;

  if (request == NULL)
    {
      g_assert_true (refusal >= 400 && refusal < 600);
      return 0;
    }
  g_assert_true (*request->method != '\0' && *request->path == '/');
  g_assert_null (strpbrk (request->method, " \t\r\n"));
  g_assert_null (strpbrk (request->path, " \t\r\n?"));
  g_assert_true (request->query == NULL || strpbrk (request->query, " \t\r\n") == NULL);
  check_framing (request);
  check_parameters (request);
  check_signatures (request);
  check_remote (request);
  origin = streamer_http_request_get_origin (request);
  if (origin != NULL)
    fuzz_check_shown (origin, NULL);
  return 0;
}
