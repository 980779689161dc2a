package dev.holdfast.codegen.spec;

import java.util.Map;
import java.util.Set;

/**
 * Which elements and attributes may stand where. Strict, because a misspelt attribute would else be taken for one that
 * was left out. Rules and asserts of the published file are let through and not used; {@code secret} is our own.
 */
final class Schema {
    private static final Map<String, Set<String>> CHILDREN = Map.of(
            "amqp", Set.of("doc", "constant", "domain", "class"),
            "constant", Set.of("doc", "rule"),
            "domain", Set.of("doc", "rule", "assert"),
            "class", Set.of("doc", "rule", "chassis", "field", "method"),
            "method", Set.of("doc", "rule", "chassis", "response", "field"),
            "field", Set.of("doc", "rule", "assert"));

    private static final Map<String, Set<String>> ATTRIBUTES = Map.of(
            "amqp", Set.of("major", "minor", "revision", "port", "comment"),
            "constant", Set.of("name", "value", "class"),
            "domain", Set.of("name", "type", "label"),
            "class", Set.of("name", "handler", "index", "label"),
            "method", Set.of("name", "index", "synchronous", "content", "label", "deprecated"),
            "field", Set.of("name", "domain", "type", "label", "reserved", "secret"));

    private Schema() {}

    /** Checks one element by its own attributes and the names of its children. */
    static void check(Element element, Problems problems) {
        Set<String> children = CHILDREN.getOrDefault(element.name(), Set.of());
        for (Element child : element.children()) {
            if (!children.contains(child.name())) {
                problems.add(child.line(), "element " + child.name() + " does not belong into " + element.name());
            }
        }
        Set<String> attributes = ATTRIBUTES.getOrDefault(element.name(), Set.of());
        for (String attribute : element.attributes().keySet()) {
            if (!attributes.contains(attribute)) {
                problems.add(element.line(), "attribute " + attribute + " does not belong to " + element.name());
            }
        }
    }
}
