package dev.holdfast.codegen.spec;

import java.util.Map;
import java.util.Set;

/**
 * The elements and attributes allowed in a protocol file. Strict, because a misspelt attribute would otherwise be taken
 * for a missing one. Accepts the rules and asserts of the published schema, which are not used. {@code secret} is an
 * addition to that schema.
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

    /** Checks the attributes of an element and the names of its children. */
    static void check(Element element, Problems problems) {
        Set<String> children = CHILDREN.getOrDefault(element.name(), Set.of());
        for (Element child : element.children()) {
            if (!children.contains(child.name())) {
                problems.add(child.line(), "element " + child.name() + " is not allowed in " + element.name());
            }
        }
        Set<String> attributes = ATTRIBUTES.getOrDefault(element.name(), Set.of());
        for (String attribute : element.attributes().keySet()) {
            if (!attributes.contains(attribute)) {
                problems.add(element.line(), "attribute " + attribute + " is not allowed in " + element.name());
            }
        }
    }
}
