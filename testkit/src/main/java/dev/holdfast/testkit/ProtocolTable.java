package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The methods of AMQP 0-9-1 and the properties of a message, read from the protocol file. */
final class ProtocolTable {
    private static final String FILE = "amqp0-9-1.xml";
    private static final ProtocolTable INSTANCE = load();

    private final Map<String, String> domains = new HashMap<>();
    private final Map<String, MethodSpec> byName = new HashMap<>();
    private final Map<Integer, MethodSpec> byId = new HashMap<>();
    private final List<FieldSpec> properties = new ArrayList<>();

    /** One argument or property. */
    record FieldSpec(String name, String type) {}

    /** @param responses the names of the methods that answer this one; empty if it has no answer */
    record MethodSpec(String name, int id, List<FieldSpec> fields, List<String> responses) {
        int classId() {
            return id >>> 16;
        }
    }

    private ProtocolTable() {}

    /** The method with this name, such as {@code "queue.declare"}. */
    static MethodSpec method(String name) {
        MethodSpec spec = INSTANCE.byName.get(name);
        if (spec == null) {
            throw new IllegalArgumentException(
                    "method: '" + name + "' (expected: a method of AMQP 0-9-1 such as 'queue.declare')");
        }
        return spec;
    }

    /** The method with these ids of class and method; null if there is none. */
    static @Nullable MethodSpec method(int id) {
        return INSTANCE.byId.get(id);
    }

    /** The properties of a message, in the order of their flags. */
    static List<FieldSpec> properties() {
        return INSTANCE.properties;
    }

    private static ProtocolTable load() {
        try (InputStream in = ProtocolTable.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + ": not in the jar of the testkit");
            }
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            ProtocolTable table = new ProtocolTable();
            Element root = factory.newDocumentBuilder().parse(in).getDocumentElement();
            for (Element domain : children(root, "domain")) {
                table.domains.put(domain.getAttribute("name"), domain.getAttribute("type"));
            }
            for (Element amqpClass : children(root, "class")) {
                table.add(amqpClass);
            }
            return table;
        } catch (IOException | ParserConfigurationException | SAXException e) {
            throw new IllegalStateException(FILE + " cannot be read", e);
        }
    }

    private void add(Element amqpClass) {
        String className = amqpClass.getAttribute("name");
        if (className.equals("basic")) {
            properties.addAll(fields(amqpClass));
        }
        for (Element method : children(amqpClass, "method")) {
            int id = index(amqpClass) << 16 | index(method);
            List<String> responses = children(method, "response").stream()
                    .map(response -> className + "." + response.getAttribute("name"))
                    .toList();
            MethodSpec spec =
                    new MethodSpec(className + "." + method.getAttribute("name"), id, fields(method), responses);
            byName.put(spec.name(), spec);
            byId.put(id, spec);
        }
    }

    private List<FieldSpec> fields(Element parent) {
        return children(parent, "field").stream()
                .map(field -> {
                    String domain = field.getAttribute("domain");
                    String type = domain.isEmpty() ? field.getAttribute("type") : domain;
                    return new FieldSpec(field.getAttribute("name"), domains.getOrDefault(type, type));
                })
                .toList();
    }

    private static int index(Element element) {
        return Integer.parseInt(element.getAttribute("index"));
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                children.add(element);
            }
        }
        return children;
    }
}
