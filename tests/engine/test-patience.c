/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long an answer may stand still, in time that costs none.
 */

#include <string.h>

#include "script-server.h"
#include "streamer-error.h"
#include "streamer-http.h"
#include "virtual-poll.h"

#define HEAD       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
#define WHITESPACE "                    "

typedef struct
{
  const char *name;
  StreamerHttpFlags flags;
  const char *answer;
  ScriptThen then;
  gint64 seconds; /* until it fails; 0 where it succeeds */
} Case;

static const Case cases[] = {
  { "request", STREAMER_HTTP_SAFE_TO_REPEAT, "", SCRIPT_STALL, 30 },
  { "finish", STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT, "", SCRIPT_STALL, 600 },
  /* What a store sends while it puts an object together is progress: the limit begins anew. */
  { "finish-behind-white-space", STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT,
    HEAD WHITESPACE, SCRIPT_STALL, 600 },
  { "finish-by-white-space", STREAMER_HTTP_SAFE_TO_REPEAT | STREAMER_HTTP_PATIENT,
    HEAD WHITESPACE WHITESPACE WHITESPACE WHITESPACE WHITESPACE, SCRIPT_KEEP, 0 },
};

static void
take (const ScriptRequest *request, ScriptStep *step, gpointer user_data)
{
  const Case *wanted = user_data;

  step->read_body = SCRIPT_WHOLE_BODY;
  step->answer = g_strdup (wanted->answer);
  step->slow = TRUE;
  step->then = wanted->then;
}

static void
leave (const ScriptRequest *request, ScriptStep *step, gpointer user_data)
{
}

static void
end (const ScriptRequest *request, const ScriptStep *step, gboolean answered, gpointer user_data)
{
}

static void
stall (guint16 port, gboolean stalls, gpointer user_data)
{
  virtual_poll_set_stalled (port, stalls);
}

static void
test_answer_may_stand_still_so_long (gconstpointer data)
{
  static const ScriptHandler handler = { take, leave, end, stall };
  const Case *wanted = data;
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 gone;

  script_server_set_handler (server, &handler, (gpointer) wanted);
  virtual_poll_take_time ();
  g_assert_cmpint (streamer_http_send_text (http, "POST", script_server_get_url (server), NULL, "x",
                                            wanted->flags, &answer, NULL, &error),
                   ==, wanted->seconds == 0);
  gone = virtual_poll_take_time ();
  g_assert_cmpint (gone, <=, wanted->seconds * 1000);
  g_assert_cmpint (gone, >=, MAX (wanted->seconds - 1, 0) * 1000);
  if (wanted->seconds == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          g_strconcat ("/patience/answer-may-stand-still-so-long/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_answer_may_stand_still_so_long);
    }
  return g_test_run ();
}
