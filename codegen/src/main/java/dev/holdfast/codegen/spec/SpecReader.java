package dev.holdfast.codegen.spec;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.xml.stream.XMLStreamException;

/**
 * Reads a protocol file into records. A missing or malformed value is added to the problems with its line and replaced
 * by a placeholder, so that reading continues and finds the next problem.
 */
public final class SpecReader {
    private static final int MAX_NUMBER = 0xFFFF;

    private final Problems problems;

    private SpecReader(Problems problems) {
        this.problems = problems;
    }

    /**
     * Reads a file and adds its errors to {@code problems}.
     *
     * @throws SpecException immediately if the file is not well-formed XML
     */
    public static Spec read(Path file, Problems problems) throws IOException {
        try (Reader in = Files.newBufferedReader(file)) {
            return new SpecReader(problems).spec(file.getFileName().toString(), XmlTree.read(in));
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
            problems.add(
                    line, "not well-formed: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            problems.throwIfAny();
            throw new IllegalStateException(e);
        }
    }

    private Spec spec(String source, Element root) {
        if (!root.name().equals("amqp")) {
            problems.add(root.line(), "root element: " + root.name() + " (expected: amqp)");
        }
        Schema.check(root, problems);
        return new Spec(
                source,
                number(root, "major"),
                number(root, "minor"),
                number(root, "revision"),
                number(root, "port"),
                root.children("constant").stream().map(this::constant).toList(),
                root.children("domain").stream().map(this::domain).toList(),
                root.children("class").stream().map(this::classSpec).toList());
    }

    private ConstantSpec constant(Element element) {
        Schema.check(element, problems);
        String errorClass = element.attribute("class");
        if (!Set.of("", "soft-error", "hard-error").contains(errorClass)) {
            problems.add(element.line(), "class: " + errorClass + " (expected: soft-error or hard-error)");
        }
        return new ConstantSpec(name(element), number(element, "value"), errorClass, doc(element), element.line());
    }

    private DomainSpec domain(Element element) {
        Schema.check(element, problems);
        return new DomainSpec(name(element), required(element, "type"), required(element, "label"), element.line());
    }

    private ClassSpec classSpec(Element element) {
        Schema.check(element, problems);
        return new ClassSpec(
                name(element),
                required(element, "handler"),
                number(element, "index"),
                required(element, "label"),
                doc(element),
                element.children("field").stream().map(this::field).toList(),
                element.children("method").stream().map(this::method).toList(),
                element.line());
    }

    private MethodSpec method(Element element) {
        Schema.check(element, problems);
        List<String> responses =
                element.children("response").stream().map(this::name).toList();
        return new MethodSpec(
                name(element),
                number(element, "index"),
                flag(element, "synchronous"),
                flag(element, "content"),
                required(element, "label"),
                doc(element),
                responses,
                element.children("field").stream().map(this::field).toList(),
                element.line());
    }

    private FieldSpec field(Element element) {
        Schema.check(element, problems);
        String domain = element.attribute("domain");
        String type = element.attribute("type");
        if (domain.isEmpty() == type.isEmpty()) {
            problems.add(element.line(), element.attribute("name") + ": needs either a domain or a type");
        }
        return new FieldSpec(
                name(element),
                domain.isEmpty() ? type : domain,
                flag(element, "reserved"),
                flag(element, "secret"),
                doc(element),
                element.line());
    }

    private String name(Element element) {
        String name = required(element, "name");
        if (!name.isEmpty() && !name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*")) {
            problems.add(element.line(), "name: " + name + " (expected: lower case words with hyphens between)");
        }
        return name;
    }

    private String doc(Element element) {
        String doc = element.doc();
        if (doc.isEmpty()) {
            problems.add(element.line(), element.name() + " " + element.attribute("name") + ": has no doc");
        }
        return doc;
    }

    private String required(Element element, String attribute) {
        String value = element.attribute(attribute);
        if (value.isEmpty()) {
            String name = attribute.equals("name") ? "" : " " + element.attribute("name");
            problems.add(element.line(), element.name() + name + ": has no " + attribute);
        }
        return value;
    }

    private boolean flag(Element element, String attribute) {
        String value = element.attribute(attribute);
        if (!Set.of("", "0", "1").contains(value)) {
            problems.add(element.line(), attribute + ": " + value + " (expected: 0 or 1)");
        }
        return value.equals("1");
    }

    private int number(Element element, String attribute) {
        String value = required(element, attribute);
        if (value.isEmpty()) {
            return 0;
        }
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > MAX_NUMBER) {
            problems.add(element.line(), attribute + ": " + value + " (expected: 0 to " + MAX_NUMBER + ")");
            return 0;
        }
        return Integer.parseInt(value);
    }
}
