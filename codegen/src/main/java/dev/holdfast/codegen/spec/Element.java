package dev.holdfast.codegen.spec;

import java.util.List;
import java.util.Map;

/** An XML element with the line on which its start tag ends. */
record Element(String name, Map<String, String> attributes, List<Element> children, StringBuilder text, int line) {
    List<Element> children(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    /** The attribute, or the empty string. */
    String attribute(String attributeName) {
        return attributes.getOrDefault(attributeName, "");
    }

    /** The text of all {@code doc} children, with every run of white space as one space. */
    String doc() {
        StringBuilder doc = new StringBuilder();
        children("doc").forEach(child -> doc.append(child.text).append(' '));
        return doc.toString().strip().replaceAll("\\s+", " ");
    }
}
