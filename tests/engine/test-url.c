/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-url.h"

static void
test_usable (void)
{
  static const char *const urls[] = {
    "https://api.example/request", "http://127.0.0.1:8333",      "HTTP://h/a?b=c#d",
    "https://ümlaut.example/ä",    "http://[::1]:80/",           "http://[fe80::1%25eth0]/",
    "https://under_score.h/",      "https://h/%0d%0a?a=%20#%00", "https://xn--mlaut-jva.example",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_test_message ("%s", urls[i]);
      g_assert_true (streamer_url_is_usable (urls[i]));
    }
}

static void
test_not_usable (void)
{
  static const char *const urls[] = {
    "",
    "h",
    "//h/",
    "https://",
    "https:///a",
    "ftp://h/",
    "file:///a",
    "javascript:a",
    "https://user@h/",
    "https://user:password@h/",
    "https://h/a b",
    "https://h/\n",
    "https://h/\177",
    "https://h/\377",
    "https://h:65536/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_test_message ("%s", urls[i]);
      g_assert_false (streamer_url_is_usable (urls[i]));
    }
}

/* It ends up in the Host header as it is once it is decoded. */
static void
test_host_is_looked_at_decoded (void)
{
  static const char *const urls[] = {
    "http://h%0d%0aX-Header:80/",
    "http://a%20b/",
    "http://a%2Fb/",
    "http://a%40b/",
    "http://a%3Fb/",
    "http://a%25b/",
    "http://%7F/",
    "http://a,b/",
    "http://a\"b/",
    "http://<a>/",
    "http://a;b/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_test_message ("%s", urls[i]);
      g_assert_false (streamer_url_is_usable (urls[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/url/usable", test_usable);
  g_test_add_func ("/url/not-usable", test_not_usable);
  g_test_add_func ("/url/host-is-looked-at-decoded", test_host_is_looked_at_decoded);
  return g_test_run ();
}
