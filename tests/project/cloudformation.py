# cloudformation.py: templates, and what a stack makes of one
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of the functions of CloudFormation, those that our template has."""

import re

from support import tap

# Parameters that every template has.
PSEUDO = {"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackName",
          "AWS::URLSuffix"}
NO_VALUE = {"Ref": "AWS::NoValue"}


def load(text):
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        tap.skip("python3-yaml is not installed")

    class Loader(yaml.SafeLoader):
        """Knows the short forms of the functions."""

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
    return yaml.load(text, Loader)  # noqa: S506


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
            text, own = one["Fn::Sub"], ()
            if isinstance(text, list):
                text, own = text
            names = {name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", text)}
            assert set(own) <= names, own
            yield from names - set(own)
        depends = one.get("DependsOn", [])
        yield from [depends] if isinstance(depends, str) else depends


def conditions(node):
    """The names of the conditions that something in NODE depends on."""
    for one in walk(node):
        if isinstance(one, dict) and "Fn::If" in one:
            yield one["Fn::If"][0]
        # In a policy, it is something else.
        if isinstance(one, dict) and isinstance(one.get("Condition"), str):
            yield one["Condition"]


class _Stack:
    def __init__(self, template, values):
        self.template = template
        self.values = {name: one.get("Default", name) for name, one in template["Parameters"].items()}
        assert set(values) <= set(self.values), values
        self.values |= values | {"AWS::Region": "eu-west-1"}

    def decide(self, node):
        if isinstance(node, str):
            node = self.template["Conditions"][node]
        (name, arguments), = node.items()
        if name == "Condition":
            return self.decide(arguments)
        if name == "Fn::Equals":
            left, right = (self.fill(argument) for argument in arguments)
            return left == right
        decided = [self.decide(argument) for argument in arguments]
        return {"Fn::Not": lambda: not decided[0], "Fn::And": lambda: all(decided),
                "Fn::Or": lambda: any(decided)}[name]()

    def substitute(self, text, own):
        def replace(match):
            value = own.get(match[1], self.values.get(match[1], match[0]))
            return value["Fn::Sub"] if isinstance(value, dict) else value

        text = re.sub(r"\$\{([^}]+)\}", replace, text)
        return {"Fn::Sub": text} if "${" in text else text

    def fill(self, node):
        if isinstance(node, list):
            return [one for one in map(self.fill, node) if one != NO_VALUE]
        if not isinstance(node, dict):
            return node
        if "Fn::If" in node:
            name, yes, no = node["Fn::If"]
            return self.fill(yes if self.decide(name) else no)
        if "Ref" in node:
            return self.values.get(node["Ref"], node)
        if "Fn::Sub" in node:
            text = node["Fn::Sub"]
            return self.substitute(*([text, {}] if isinstance(text, str)
                                     else [text[0], self.fill(text[1])]))
        filled = {name: self.fill(one) for name, one in node.items()}
        return {name: one for name, one in filled.items() if one != NO_VALUE}


def decide(template, values, condition):
    """Whether CONDITION holds with these parameters."""
    return _Stack(template, values).decide(condition)


def fill(template, values):
    """Resources and outputs with these parameters; names of resources stay references."""
    stack = _Stack(template, values)
    return {part: {name: stack.fill(one) for name, one in template[part].items()
                   if "Condition" not in one or stack.decide(one["Condition"])}
            for part in ("Resources", "Outputs")}
