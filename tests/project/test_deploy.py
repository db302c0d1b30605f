# test_deploy.py: what puts the server into public names what there is, and allows no more than it says
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from project import cloudformation, tree
from support import tap
from support.lambda_emulator import Emulator
from support.lambda_gateway import call, rest_event

DEPLOY = tree.ROOT / "data/deploy"


def read(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def options_of_server():
    return set(re.findall(r"--[a-z-]+", tree.run(tree.BUILD / "src/s3streamer-server", "--help")))


def assert_server_knows(arguments):
    used = set(re.findall(r"(?<!\S)--[a-z-]+", arguments))
    assert used and used <= options_of_server(), used - options_of_server()


def routes():
    """Where the server answers, from its own source."""
    text = "".join((tree.ROOT / "src/server" / name).read_text(encoding="utf-8")
                   for name in ("streamer-server.c", "api/streamer-url-signer.h"))
    found = set(re.findall(r'#define \w+_PATH +"(/[^"]*)"', text))
    assert "/upload/request" in found, found
    return found


# -- systemd

@tap.test
def the_unit_is_hardened_and_sound():
    analyze = tree.need("systemd-analyze")
    text = read("s3streamer-server.service.in")
    assert_server_knows(re.search("ExecStart=(.*)", text)[1])
    if int(re.search(r"systemd (\d+)", tree.run(analyze, "--version"))[1]) < 250:
        tap.skip("this systemd-analyze cannot look at files")
    with tempfile.TemporaryDirectory() as folder:
        unit = f"{folder}/s3streamer-server.service"
        with open(unit, "w", encoding="utf-8") as file:
            file.write(text.replace("@bindir@/s3streamer-server",
                                    str(tree.BUILD / "src/s3streamer-server")))
        shown = tree.run(analyze, "security", "--offline=true", "--no-pager", unit)
        exposure = float(re.search(r"exposure level for .*: ([0-9.]+)", shown)[1])
        assert exposure <= 2.0, shown
        # Typing errors in the names of settings are only warned of.
        verified = tree.run(analyze, "verify", "--man=no", "--recursive-errors=no", unit)
        assert "s3streamer-server" not in verified, verified


@tap.test
def the_unit_has_a_user_and_a_configuration():
    text = read("s3streamer-server.service.in")
    user = re.search("^User=(.*)", text, re.MULTILINE)[1]
    assert re.search(f"^u {user} ", read("s3streamer-server.sysusers"), re.MULTILINE), user
    paths = set(re.findall(r"--config (\S+)", text))
    assert paths == {"/etc/s3streamer/server.conf"}, paths
    root = re.search("^root = (.*)", read("server.conf"), re.MULTILINE)[1]
    state = re.search("^StateDirectory=(.*)", text, re.MULTILINE)[1]
    assert root == f"/var/lib/{state}", (root, state)


# -- the configuration

def check(path):
    """How --check ends, and what it says."""
    done = subprocess.run([tree.BUILD / "src/s3streamer-server", "--check", "--config", path],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def try_examples(text):
    """TEXT with the examples in its comments, in place of what stands there before them."""
    lines, seen, section = [], {}, ""
    for line in text.splitlines():
        line = re.sub(r"^#(?=\[|[a-z0-9-]+ = )", "", line)
        section = line if line.startswith("[") else section
        key = (section, line.partition(" = ")[0])
        if " = " in line and not line.startswith("#"):
            if key in seen:
                lines[seen[key]] = ""
            seen[key] = len(lines)
        lines.append(line)
    return "\n".join(lines) + "\n"


@tap.test
def the_configuration_lacks_nothing_but_principals():
    text = read("server.conf")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/server.conf"
        for content, added in ((text, True), (try_examples(text), False)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            os.chmod(path, 0o640)
            # As it is shipped, nobody has a token that others know, too.
            if added:
                code, found = check(path)
                assert code == 1 and len(found.splitlines()) == 1, found
                assert "[principal NAME] Nobody may do anything" in found, found
                tree.run(tree.BUILD / "src/s3streamer-server", "--add-principal", "alice",
                         "--config", path, "--prefix", "team-a/", "--right", "create")
            assert check(path) == (0, ""), check(path)
    assert "[oidc]" in try_examples(text) and "\nkind = s3\n" in try_examples(text)


@tap.test
def the_container_starts_with_that_configuration():
    command = json.loads(re.search(r"^CMD (.*)", read("Containerfile"), re.MULTILINE)[1])
    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/server.conf"
        shutil.copy(DEPLOY / "server.conf", config)
        os.chmod(config, 0o600)
        server = tree.BUILD / "src/s3streamer-server"
        tree.run(server, "--add-principal", "alice", "--config", config, "--prefix", "/",
                 "--right", "create")
        places = {"/etc/s3streamer/server.conf": config, "/srv/files": folder + "/files",
                  "0.0.0.0:8333": "0.0.0.0:0"}
        assert set(places) <= set(command), command
        command = [places.get(word, word) for word in command]
        with subprocess.Popen([server, *command], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL) as process:
            line = process.stdout.readline()
            process.terminate()
            assert process.wait(timeout=60) == 0
        assert line.startswith("listening on http://0.0.0.0:"), line


# -- nginx, Caddy, container

@tap.test
def proxies_pass_every_route_on():
    nginx = set(re.findall(r"location (?:= )?(/[a-z/]+) {", read("nginx.conf")))
    assert nginx == routes(), nginx ^ routes()
    matchers = re.findall("@.* path (.*)", read("Caddyfile"))
    caddy = {path.rstrip("*") for matcher in matchers for path in matcher.split()}
    assert caddy == routes(), caddy ^ routes()


@tap.test
def braces_are_closed():
    for name in ("nginx.conf", "Caddyfile"):
        text = re.sub(r"(?m)^\s*#.*|\$?\{[a-z_]+\}", "", read(name))
        depth = 0
        for brace in re.findall(r"(?<!\S)[{}]|(?<=\s)[{}]", text):
            depth += 1 if brace == "{" else -1
            assert depth >= 0, name
        assert depth == 0, name


@tap.test
def the_container_file_names_what_there_is():
    text = read("Containerfile")
    steps = re.sub(r"\\\n", " ", text)
    for source in re.findall(r"^COPY (?!--from)(\S+) ", steps, re.MULTILINE):
        assert (tree.ROOT / source).exists(), source
    for option in re.findall(r"-D([a-z]+)=", steps):
        assert f"option('{option}'" in (tree.ROOT / "meson_options.txt").read_text(), option
    target = re.search(r"ninja -C /build (\S+)", steps)[1]
    assert (tree.BUILD / target).exists(), target
    assert_server_knows(re.search(r"CMD (.*)", steps)[1].replace('"', " ").replace(",", " "))
    # Who builds it has at least the build's packages; who runs it is not root.
    wanted = [line.split()[2] for line in (tree.ROOT / "build-aux/packages").read_text().splitlines()
              if line.startswith("build ")]
    missing = [name for name in wanted if name not in steps and "nautilus" not in name]
    assert not missing, missing
    assert re.search(r"^USER (?!root|0)", steps, re.MULTILINE), text
    assert text.rindex("USER ") < text.rindex("ENTRYPOINT"), text


# -- AWS

# The forms of authorisation: one token; ID tokens of a user pool; its access tokens.
POOL = {"UserPoolId": "eu-west-1_Example", "UserPoolClientId": "1example23456789"}
FORMS = ({}, POOL, POOL | {"Scopes": "s3streamer"})


def read_template():
    return cloudformation.load(read("aws-lambda.yaml"))


def fill_template(**parameters):
    """A stack of it."""
    return cloudformation.fill(read_template(), parameters)


def of_type(stack, kind):
    found = [resource["Properties"] for resource in stack["Resources"].values()
             if resource["Type"] == kind]
    assert found, kind
    return found


@tap.test
def the_template_passes_cfn_lint():
    tree.run(tree.need("cfn-lint"), DEPLOY / "aws-lambda.yaml")


@tap.test
def the_template_refers_to_what_it_has():
    template = read_template()
    names = set(template["Resources"]) | set(template["Parameters"])
    used = set(cloudformation.references(template["Resources"]))
    used |= set(cloudformation.references(template["Outputs"]))
    used |= set(cloudformation.references(template["Conditions"]))
    assert used <= names | cloudformation.PSEUDO, used - names - cloudformation.PSEUDO
    unused = set(template["Parameters"]) - used
    assert not unused, unused
    conditions = set(cloudformation.conditions(template))
    assert conditions == set(template["Conditions"]), conditions ^ set(template["Conditions"])


@tap.test
def a_stack_refers_to_what_its_conditions_left():
    template = read_template()
    for form in FORMS:
        stack = cloudformation.fill(template, form)
        # What was filled names only resources any more.
        gone = set(template["Resources"]) - set(stack["Resources"])
        used = set(cloudformation.references(stack))
        assert not used & gone, (form, used & gone)
        unused = set(stack["Resources"]) - used - {
            "BucketPolicy", "Permission", "UsagePlanKey", "ErrorsAlarm", "ThrottlesAlarm",
            "ServerErrorsAlarm"}
        assert not unused, (form, unused)


@tap.test
def parameters_take_what_they_are_for():
    parameters = read_template()["Parameters"]
    good = {"UserPoolId": ["", "eu-west-1_Example", "us-gov-west-1_aB3"], "Scopes": ["", "s3streamer"],
            "UserPoolClientId": ["", "1example23456789"], "Prefix": ["files", "a/b-c"],
            "Rights": ["create", "create;overwrite;remove;link"]}
    # What would write another line, or another section, into the configuration.
    bad = ("x\n[principal a]", "a]\n", "a b", "${Bucket}", "create;", "..")
    for name, values in good.items():
        pattern = parameters[name]["AllowedPattern"]
        for value in values + [parameters[name]["Default"]]:
            assert re.fullmatch(pattern, value), (name, value)
        for value in bad[:4] + (bad[4:] if name == "Rights" else ()):
            assert not re.fullmatch(pattern, value), (name, value)
    rule = read_template()["Rules"]["PoolWithClient"]["Assertions"][0]["Assert"]
    for form, wanted in (({}, True), (POOL, True), ({"UserPoolId": "eu-west-1_a"}, False)):
        assert cloudformation.decide(read_template(), form, rule) is wanted, form


@tap.test
def the_role_may_no_more_than_the_prefix():
    bucket, log = {"Fn::GetAtt": "Bucket.Arn"}, {"Fn::GetAtt": "LogGroup.Arn"}
    below = {"Fn::Sub": "${Bucket.Arn}/files/*"}
    for form in FORMS:
        allowed = {}
        for role in of_type(fill_template(**form), "AWS::IAM::Role"):
            assert "ManagedPolicyArns" not in role, role
            for policy in role["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    assert statement["Effect"] == "Allow", statement
                    actions = statement["Action"]
                    actions = [actions] if isinstance(actions, str) else actions
                    assert not [action for action in actions if "*" in action], actions
                    for action in actions:
                        allowed[action] = statement["Resource"]
        assert allowed == {
            "s3:AbortMultipartUpload": below, "s3:DeleteObject": below, "s3:GetObject": below,
            "s3:ListMultipartUploadParts": below, "s3:PutObject": below, "s3:ListBucket": bucket,
            "logs:CreateLogStream": log, "logs:PutLogEvents": log,
        }, allowed


@tap.test
def the_bucket_is_private_and_tidy():
    stack = fill_template(Prefix="a/b")
    (bucket,) = of_type(stack, "AWS::S3::Bucket")
    block = bucket["PublicAccessBlockConfiguration"]
    assert len(block) == 4 and all(value is True for value in block.values()), block
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in rules), rules
    days = [rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for rule in rules
            if "Prefix" not in rule]
    storage = tree.ROOT / "src/server/storage"
    source = (storage / "streamer-s3-storage.c").read_text(encoding="utf-8")
    lifetime = int(re.search(r"UPLOAD_SECONDS \((\d+) \* 24 \* 60 \* 60\)", source)[1])
    assert days and days[0] > lifetime, (days, lifetime)
    # What the server itself calls temporary, and nothing else, goes by itself.
    source = (storage / "streamer-staged-name.h").read_text(encoding="utf-8")
    temporary = re.search('STREAMER_STAGED_PREFIX "(.*)"', source)[1]
    lifetime = int(re.search(r"STREAMER_STAGED_SECONDS \((\d+) \* 60 \* 60\)", source)[1])
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    assert expiring == {"a/b/" + temporary: lifetime // 24}, expiring
    assert not [rule for rule in rules if "ExpirationInDays" in rule and "Prefix" not in rule], rules
    for policy in of_type(stack, "AWS::S3::BucketPolicy"):
        effects = {one["Effect"] for one in policy["PolicyDocument"]["Statement"]}
        assert effects == {"Deny"}, effects


@tap.test
def the_api_is_closed_and_the_function_configured():
    for form in FORMS:
        stack = fill_template(**form)
        for method in of_type(stack, "AWS::ApiGateway::Method"):
            assert method["ApiKeyRequired"] is True, method
        (permission,) = of_type(stack, "AWS::Lambda::Permission")
        assert "*" not in permission["SourceArn"]["Fn::Sub"], permission
        parts = [one["PathPart"] for one in of_type(stack, "AWS::ApiGateway::Resource")]
        assert "/" + "/".join(parts) in routes(), parts
        (function,) = of_type(stack, "AWS::Lambda::Function")
        assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap"), function
        sources = "".join(path.read_text(encoding="utf-8")
                          for path in tree.files("src/server", ".c", ".h"))
        for name in function["Environment"]["Variables"]:
            assert f'"{name}"' in sources, name
        for stage in of_type(stack, "AWS::ApiGateway::Stage"):
            for setting in stage["MethodSettings"]:
                assert setting["DataTraceEnabled"] is False, setting
                assert setting["ThrottlingRateLimit"] > 0, setting
        metrics = {one["MetricName"] for one in of_type(stack, "AWS::CloudWatch::Alarm")}
        assert metrics == {"Errors", "Throttles", "5XXError"}, metrics


@tap.test
def whoever_has_the_token_may_do_everything_without_a_pool():
    stack = fill_template(Domain="https://files.example")
    (method,) = of_type(stack, "AWS::ApiGateway::Method")
    assert method["AuthorizationType"] == "NONE" and "AuthorizerId" not in method, method
    assert "Authorizer" not in stack["Resources"]
    (function,) = of_type(stack, "AWS::Lambda::Function")
    variables = function["Environment"]["Variables"]
    assert set(variables) == {"S3STREAMER_BUCKET", "S3STREAMER_PREFIX", "S3STREAMER_DOMAIN",
                              "S3STREAMER_TOKEN", "S3STREAMER_SEAL_SECRET"}, variables
    for name in ("S3STREAMER_TOKEN", "S3STREAMER_SEAL_SECRET"):
        assert "resolve:secretsmanager" in variables[name]["Fn::Sub"], variables
    assert "TokenSecret" in stack["Outputs"]


@tap.test
def the_gateway_checks_the_tokens_of_a_pool():
    deployments = set()
    for form in FORMS[1:]:
        stack = fill_template(**form)
        (method,) = of_type(stack, "AWS::ApiGateway::Method")
        assert method["AuthorizationType"] == "COGNITO_USER_POOLS", method
        assert method["AuthorizerId"] == {"Ref": "Authorizer"}, method
        scopes = [f"s3streamer/{right}" for right in ("create", "overwrite", "remove", "link")]
        assert method.get("AuthorizationScopes", []) == (scopes if "Scopes" in form else []), method
        (authorizer,) = of_type(stack, "AWS::ApiGateway::Authorizer")
        assert authorizer["IdentitySource"] == "method.request.header.Authorization", authorizer
        (arn,) = authorizer["ProviderARNs"]
        assert arn["Fn::Sub"].endswith(":userpool/eu-west-1_Example"), arn
        assert "TokenSecret" not in stack["Outputs"] and "Token" not in stack["Resources"]
        (stage,) = of_type(stack, "AWS::ApiGateway::Stage")
        deployments.add(stage["DeploymentId"]["Ref"])
    assert len(deployments) == 2, deployments


@tap.test
def the_function_takes_the_tokens_of_a_pool():
    """The configuration that the template fills, in the server that reads it."""
    for form in FORMS[1:] + (POOL | {"Domain": "https://files.example"},):
        variables = dict(of_type(fill_template(**form, Rights="create;link"),
                                 "AWS::Lambda::Function")[0]["Environment"]["Variables"])
        assert set(variables) == {"S3STREAMER_CONFIG", "S3STREAMER_SEAL_SECRET"}, variables
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
        config = variables["S3STREAMER_CONFIG"]["Fn::Sub"].replace("${Bucket}", "a-bucket")
        environment = os.environ | keys | {"S3STREAMER_CONFIG": config,
                                           "S3STREAMER_SEAL_SECRET": "0123456789abcdef" * 2}
        claims = {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example",
                  "sub": "1234", "exp": str(int(time.time()) + 300), "cognito:groups": "team-a,team-b"}
        if "Scopes" in form:
            claims |= {"client_id": "1example23456789", "scope": "s3streamer/create s3streamer/link"}
        else:
            claims |= {"aud": "1example23456789", "token_use": "id"}
        with Emulator([tree.BUILD / "src/s3streamer-server", "--lambda"], environment) as function:
            for more, status in (({}, 200), ({"iss": "https://cognito-idp.example"}, 401),
                                 ({"exp": "1"}, 401), ({"aud": "x", "client_id": "x"}, 401)):
                event = rest_event({"action": "capabilities"}, token="the-pool-s")
                event["requestContext"]["authorizer"] = {"claims": claims | more}
                assert call(function, event)["status_code"] == status, (form, more, function.log)
            # Nobody has that right, in neither form.
            remove = rest_event({"action": "remove", "key": "team-a/a"}, token="the-pool-s")
            remove["requestContext"]["authorizer"] = {"claims": claims}
            assert call(function, remove)["status_code"] == 403, form


@tap.test
def scripts_are_sound():
    shellcheck = tree.need("shellcheck")
    tree.run(shellcheck, DEPLOY / "make-lambda-package")


tap.main()
