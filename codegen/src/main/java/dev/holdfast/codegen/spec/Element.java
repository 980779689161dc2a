package dev.holdfast.codegen.spec;

import java.util.List;
import java.util.Map;

/** An XML element with the line on which its start tag ends. */
record Element(String name, Map<String, String> attributes, List<Element> children, StringBuilder text, int line) {
    List<Element> children(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    /** Returns the attribute, or the empty string if it is missing. */
    String attribute(String attributeName) {
        return attributes.getOrDefault(attributeName, "");
    }

    /** Returns the text of all {@code doc} children, with each run of white space replaced by one space. */
    String doc() {
        StringBuilder doc = new StringBuilder();
        children("doc").forEach(child -> doc.append(child.text).append(' '));
        return doc.toString().strip().replaceAll("\\s+", " ");
    }
}
