/* streamer-form.c: what goes around a file that is sent as a form
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-form.h"

#include <errno.h>
#include <sys/random.h>

static char *
draw_boundary (void)
{
  guint32 bits[4];

  if (getrandom (bits, sizeof bits, 0) != sizeof bits)
    g_error ("The kernel gives no random numbers: %s", g_strerror (errno));
  return g_strdup_printf ("S3Streamer-%08x%08x%08x%08x", bits[0], bits[1], bits[2], bits[3]);
}

void
streamer_form_init (StreamerForm *form, const char *const *fields)
{
  g_autofree char *boundary = draw_boundary ();
  GString *head = g_string_new (NULL);
  GString *tail = g_string_new (NULL);

  for (; fields[0] != NULL; fields += 2)
    g_string_append_printf (head,
                            "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                            boundary, fields[0], fields[1]);
  g_string_append_printf (head,
                          "--%s\r\nContent-Disposition: form-data; name=\"file\"; "
                          "filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                          boundary);
  g_string_append_printf (tail, "\r\n--%s--\r\n", boundary);

  form->content_type = g_strdup_printf ("multipart/form-data; boundary=%s", boundary);
  form->head = g_string_free_to_bytes (head);
  form->tail = g_string_free_to_bytes (tail);
}

void
streamer_form_clear (StreamerForm *form)
{
  g_clear_pointer (&form->content_type, g_free);
  g_clear_pointer (&form->head, g_bytes_unref);
  g_clear_pointer (&form->tail, g_bytes_unref);
}
