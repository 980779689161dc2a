package dev.holdfast.codegen.spec;

import java.io.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads an XML document into a tree of elements with line numbers. */
final class XmlTree {
    private XmlTree() {}

    /**
     * Reads the document.
     *
     * @throws XMLStreamException if it is not well-formed
     */
    static Element read(Reader in) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // Disables entities: a protocol file needs none, and a build must not fetch them.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        XMLStreamReader xml = factory.createXMLStreamReader(in);
        // Parent of the root element, so that the root is handled as every other element.
        Element document = new Element("", Map.of(), new ArrayList<>(), new StringBuilder(), 1);
        Deque<Element> open = new ArrayDeque<>();
        open.push(document);
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    Element element = start(xml);
                    open.element().children().add(element);
                    open.push(element);
                }
                case XMLStreamConstants.END_ELEMENT -> open.pop();
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                    open.element().text().append(xml.getText());
                default -> {}
            }
        }
        return document.children().get(0);
    }

    private static Element start(XMLStreamReader xml) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            attributes.put(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
        }
        int line = xml.getLocation().getLineNumber();
        return new Element(xml.getLocalName(), attributes, new ArrayList<>(), new StringBuilder(), line);
    }
}
