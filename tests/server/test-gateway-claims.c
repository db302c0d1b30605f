/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-gateway-claims.h"

#include <string.h>

static void
fill_rules (StreamerClaimRules *rules)
{
  rules->issuer = g_strdup ("https://issuer.example");
  rules->audience = g_strsplit ("an audience;other", ";", -1);
  rules->audience_claims = g_strsplit ("aud;client_id", ";", -1);
  rules->prefixes_claim = g_strdup ("groups");
  rules->rights_claim = g_strdup ("scope");
}

/* What is read of @claims, as JSON with ' for "; its members have the order in which they are set. */
static char *
read_claims (const char *claims)
{
  g_auto (StreamerClaimRules) rules = { 0 };
  g_autofree char *text = g_strdelimit (g_strdup (claims), "'", '"');
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  g_assert_nonnull (node);
  fill_rules (&rules);
  json_node_take_object (root, streamer_gateway_claims_read (&rules, json_node_get_object (node)));
  return g_strdelimit (json_to_string (root, FALSE), "\"", '\'');
}

static void
test_only_what_is_asked_for (void)
{
  g_autofree char *read = read_claims (
      "{'iss':'i','sub':'s','exp':'17','nbf':'16','iat':'15','aud':'a b','admin':'yes',"
      "'groups':'[x y]','scope':'a/b c','email':'x'}");

  g_assert_cmpstr (read, ==,
                   "{'iss':'i','sub':'s','exp':17,'nbf':16,'aud':'a b','groups':['x','y'],"
                   "'scope':['a/b','c']}");
}

static void
test_times (void)
{
  const struct
  {
    const char *text;
    const char *read;
  } cases[] = {
    { "'1513495692'", "{'exp':1513495692}" },
    { "'1.513495692e+09'", "{'exp':1513495692}" },
    { "'1513495692.75'", "{'exp':1513495692}" },
    { "'Sun Dec 17 07:28:12 UTC 2017'", "{'exp':1513495692}" },
    { "'Thu Feb 29 00:00:00 UTC 2024'", "{'exp':1709164800}" },
    { "'Wed Feb 29 00:00:00 UTC 2023'", "{}" },
    { "'Sun Dec 17 07:28:12 CET 2017'", "{}" },
    { "'Sun Dec 17 24:28:12 UTC 2017'", "{}" },
    { "'Sun Foo 17 07:28:12 UTC 2017'", "{}" },
    { "'Sun Dec 17 07:28:12 UTC 2017 '", "{}" },
    { "'Sun Dec 17 07:28:12 UTC 12017'", "{}" },
    { "' 1513495692'", "{}" },
    { "'1513495692 '", "{}" },
    { "'-1'", "{}" },
    { "'+1'", "{}" },
    { "'0x7fffffff'", "{}" },
    { "'1e+99'", "{}" },
    { "'1.5.5'", "{}" },
    { "'inf'", "{}" },
    { "'nan'", "{}" },
    { "''", "{}" },
    { "'99999999999999999999999'", "{}" },
    { "1513495692", "{}" },
    { "true", "{}" },
    { "null", "{}" },
    { "['1513495692']", "{}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *claims = g_strdup_printf ("{'exp':%s}", cases[i].text);
      g_autofree char *read = read_claims (claims);

      g_assert_cmpstr (read, ==, cases[i].read);
    }
}

/* It must not come to be as if it were not there. */
static void
test_a_beginning_that_cannot_be_read (void)
{
  const char *texts[] = { "{'nbf':'soon'}", "{'nbf':7}", "{'nbf':''}", "{'nbf':null}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *read = read_claims (texts[i]);

      g_assert_cmpstr (read, ==, "{'nbf':null}");
    }
}

static void
test_lists (void)
{
  const struct
  {
    const char *text;
    const char *read; /* (nullable): NULL for no list */
  } cases[] = {
    { "a", "['a']" },       { "[a]", "['a']" },     { "[a b]", "['a','b']" },
    { "a b", "['a','b']" }, { "a,b", "['a','b']" }, { "team-a/x", "['team-a/x']" },
    { "", NULL },           { " ", NULL },          { "[", NULL },
    { "]", NULL },          { "[]", NULL },         { "[ ]", NULL },
    { "[a", NULL },         { "a]", NULL },         { "[a b] c", NULL },
    { "[[a] b]", NULL },    { "[a [b]]", NULL },    { "[a]]", NULL },
    { "[a][b]", NULL },     { "[a  b]", NULL },     { "[ a]", NULL },
    { "[a,b c]", NULL },    { "[a, b]", NULL },     { "a, b", NULL },
    { "a,b c", NULL },      { "a,,b", NULL },       { ",a", NULL },
    { "a,", NULL },         { "a  b", NULL },       { "a [b]", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *claims = g_strdup_printf ("{'groups':'%s'}", cases[i].text);
      g_autofree char *read = read_claims (claims);
      g_autofree char *wanted =
          cases[i].read ? g_strdup_printf ("{'groups':%s}", cases[i].read) : g_strdup ("{}");

      g_assert_cmpstr (read, ==, wanted);
    }
}

static void
test_lists_of_another_type (void)
{
  const char *texts[] = { "{'groups':['a']}", "{'groups':7}", "{'groups':null}",
                          "{'groups':{'a':'b'}}", "{'scope':true}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *read = read_claims (texts[i]);

      g_assert_cmpstr (read, ==, "{}");
    }
}

static void
test_audiences (void)
{
  const struct
  {
    const char *claims;
    gboolean is_good;
  } cases[] = {
    { "'aud':'an audience'", TRUE },
    { "'aud':'other'", TRUE },
    { "'aud':'[x other]'", TRUE },
    { "'client_id':'other'", TRUE },
    { "'aud':'x'", FALSE },
    { "'aud':'x other'", FALSE },
    { "'aud':'x,other'", FALSE },
    { "'aud':'[an audience]'", FALSE },
    { "'aud':'[other'", FALSE },
    { "'aud':''", FALSE },
    { "'aud':'x','client_id':'other'", FALSE },
    { "'aud':'','client_id':'other'", FALSE },
    { "'aud':null,'client_id':'other'", FALSE },
    { "'aud':['other']", FALSE },
    { "'x':'other'", FALSE },
  };
  g_auto (StreamerClaimRules) rules = { 0 };

  fill_rules (&rules);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{'iss':'https://issuer.example','exp':'2000',%s}", cases[i].claims);
      g_autoptr (JsonNode) node = json_from_string (g_strdelimit (text, "'", '"'), NULL);
      g_autoptr (JsonObject) read =
          streamer_gateway_claims_read (&rules, json_node_get_object (node));

      g_assert_cmpint (streamer_claims_check (&rules, read, 1000, NULL), ==, cases[i].is_good);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gateway-claims/only-what-is-asked-for", test_only_what_is_asked_for);
  g_test_add_func ("/gateway-claims/times", test_times);
  g_test_add_func ("/gateway-claims/a-beginning-that-cannot-be-read",
                   test_a_beginning_that_cannot_be_read);
  g_test_add_func ("/gateway-claims/lists", test_lists);
  g_test_add_func ("/gateway-claims/lists-of-another-type", test_lists_of_another_type);
  g_test_add_func ("/gateway-claims/audiences", test_audiences);
  return g_test_run ();
}
