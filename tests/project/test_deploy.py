# test_deploy.py: what puts the server into public names what there is, and allows no more than it says
#
# SPDX-License-Identifier: GPL-3.0-or-later

import re
import tempfile

from project import tree
from support import tap

DEPLOY = tree.ROOT / "data/deploy"
# Parameters that every template has.
PSEUDO = {"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackName",
          "AWS::URLSuffix"}
PREFIX = "${Bucket.Arn}/${Prefix}/*"


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

def load_template():
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        tap.skip("python3-yaml is not installed")

    class Loader(yaml.SafeLoader):
        """Knows the short forms of CloudFormation's functions."""

        def construct_mapping(self, node, deep=False):
            names = [key.value for key, _ in node.value]
            assert len(names) == len(set(names)), f"twice: {names}"
            return super().construct_mapping(node, deep)

    def construct(loader, suffix, node):
        name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
        if isinstance(node, yaml.ScalarNode):
            return {name: loader.construct_scalar(node)}
        return {name: loader.construct_sequence(node, deep=True)}

    Loader.add_multi_constructor("!", construct)
    return yaml.load(read("aws-lambda.yaml"), Loader)  # noqa: S506


def walk(node):
    yield node
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from walk(child)


def references(node):
    """The names that something in NODE refers to."""
    for one in walk(node):
        if not isinstance(one, dict):
            continue
        if "Ref" in one:
            yield one["Ref"]
        if "Fn::GetAtt" in one:
            yield one["Fn::GetAtt"].split(".")[0]
        if "Fn::Sub" in one:
            yield from (name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", one["Fn::Sub"]))
        depends = one.get("DependsOn", [])
        yield from [depends] if isinstance(depends, str) else depends


def of_type(template, kind):
    found = [resource["Properties"] for resource in template["Resources"].values()
             if resource["Type"] == kind]
    assert found, kind
    return found


@tap.test
def the_template_refers_to_what_it_has():
    template = load_template()
    names = set(template["Resources"]) | set(template["Parameters"])
    used = set(references(template["Resources"])) | set(references(template["Outputs"]))
    used |= set(references(template["Conditions"]))
    assert used <= names | PSEUDO, used - names - PSEUDO
    unused = set(template["Parameters"]) - used
    assert not unused, unused
    conditions = {one["Fn::If"][0] for one in walk(template)
                  if isinstance(one, dict) and "Fn::If" in one}
    assert conditions == set(template["Conditions"]), conditions


@tap.test
def the_role_may_no_more_than_the_prefix():
    template = load_template()
    allowed = {}
    for role in of_type(template, "AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role, role
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow", statement
                actions = statement["Action"]
                actions = [actions] if isinstance(actions, str) else actions
                assert not [action for action in actions if "*" in action], actions
                for action in actions:
                    allowed[action] = statement["Resource"]
    bucket = {"Fn::GetAtt": "Bucket.Arn"}
    log = {"Fn::GetAtt": "LogGroup.Arn"}
    below = {"Fn::Sub": PREFIX}
    assert allowed == {
        "s3:AbortMultipartUpload": below, "s3:DeleteObject": below, "s3:GetObject": below,
        "s3:ListMultipartUploadParts": below, "s3:PutObject": below, "s3:ListBucket": bucket,
        "logs:CreateLogStream": log, "logs:PutLogEvents": log,
    }, allowed


@tap.test
def the_bucket_is_private_and_tidy():
    template = load_template()
    (bucket,) = of_type(template, "AWS::S3::Bucket")
    block = bucket["PublicAccessBlockConfiguration"]
    assert len(block) == 4 and all(value is True for value in block.values()), block
    rules = bucket["LifecycleConfiguration"]["Rules"]
    days = [rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for rule in rules
            if rule["Status"] == "Enabled" and "Prefix" not in rule]
    source = (tree.ROOT / "src/server/storage/streamer-s3-storage.c").read_text(encoding="utf-8")
    lifetime = int(re.search(r"UPLOAD_SECONDS \((\d+) \* 24 \* 60 \* 60\)", source)[1])
    assert days and days[0] > lifetime, (days, lifetime)
    for policy in of_type(template, "AWS::S3::BucketPolicy"):
        effects = {one["Effect"] for one in policy["PolicyDocument"]["Statement"]}
        assert effects == {"Deny"}, effects


@tap.test
def the_api_is_closed_and_the_function_configured():
    template = load_template()
    for method in of_type(template, "AWS::ApiGateway::Method"):
        assert method["ApiKeyRequired"] is True, method
    (permission,) = of_type(template, "AWS::Lambda::Permission")
    assert "*" not in permission["SourceArn"]["Fn::Sub"], permission
    parts = [one["PathPart"] for one in of_type(template, "AWS::ApiGateway::Resource")]
    assert "/" + "/".join(parts) in routes(), parts
    (function,) = of_type(template, "AWS::Lambda::Function")
    assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap"), function
    sources = "".join(path.read_text(encoding="utf-8") for path in tree.files("src/server", ".c"))
    for name in function["Environment"]["Variables"]:
        assert f'"{name}"' in sources, name
    for stage in of_type(template, "AWS::ApiGateway::Stage"):
        for setting in stage["MethodSettings"]:
            assert setting["DataTraceEnabled"] is False, setting
            assert setting["ThrottlingRateLimit"] > 0, setting
    metrics = {one["MetricName"] for one in of_type(template, "AWS::CloudWatch::Alarm")}
    assert metrics == {"Errors", "Throttles", "5XXError"}, metrics


@tap.test
def scripts_are_sound():
    shellcheck = tree.need("shellcheck")
    tree.run(shellcheck, DEPLOY / "make-lambda-package")


tap.main()
