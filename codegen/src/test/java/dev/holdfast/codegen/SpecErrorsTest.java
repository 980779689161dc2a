package dev.holdfast.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.codegen.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecErrorsTest {
    @TempDir
    private Path folder;

    @Test
    void reportsAllErrorsInTheOrderOfTheFile() throws IOException {
        SpecException error = errorOf("""
                <amqp major="0" minor="9" revision="x" port="5672">
                  <constant name="frame-end" value="70000"><doc>End.</doc></constant>
                  <domain name="flag" type="bool" label="a flag"/>
                  <class name="basic" handler="missing" index="60" label="messages">
                    <doc>Messages.</doc>
                    <field name="type" type="shortstr"><doc>Type.</doc></field>
                    <method name="get" index="70" label="fetch">
                      <field name="queue" domain="queue-name"><doc>Queue.</doc></field>
                      <field name="Tag" type="shortstr"><doc>Tag.</doc></field>
                    </method>
                    <method name="ack" synchronous="yes" label="take">
                      <doc>Takes.</doc>
                    </method>
                  </class>
                </amqp>
                """);

        assertThat(messages(error))
                .containsExactly(
                        "1: revision: x (expected: 0 to 65535)",
                        "2: value: 70000 (expected: 0 to 65535)",
                        "3: domain flag: unknown type: bool (expected: a domain or octet, short, long, longlong,"
                                + " shortstr, longstr, timestamp, table, bit)",
                        "4: handler: missing (expected: the name of a class)",
                        "7: method get: has no doc",
                        "8: queue: unknown domain: queue-name",
                        "9: name: Tag (expected: lower case words with hyphens between)",
                        "11: method ack: has no index",
                        "11: synchronous: yes (expected: 0 or 1)");
        assertThat(error)
                .hasMessageStartingWith("9 problem(s) in the protocol file\nbad.xml:1: revision: x")
                .hasMessageContaining("\nbad.xml:8: queue: unknown domain: queue-name\n");
    }

    @Test
    void reportsDuplicateNamesAndNumbers() throws IOException {
        assertThat(messages(errorOf("""
                        <amqp major="0" minor="9" revision="1" port="5672">
                          <constant name="not-found" value="404" class="soft-error"><doc>Not there.</doc></constant>
                          <constant name="gone" value="404" class="soft-error"><doc>Not there.</doc></constant>
                          <domain name="flag" type="bit" label="a flag"/>
                          <domain name="flag" type="octet" label="a flag"/>
                          <class name="basic" handler="basic" index="60" label="messages">
                            <doc>Messages.</doc>
                            <field name="type" type="shortstr"><doc>Type.</doc></field>
                            <field name="type" type="shortstr"><doc>Type.</doc></field>
                            <method name="get" index="70" label="fetch"><doc>Fetches.</doc></method>
                            <method name="get" index="70" label="fetch"><doc>Fetches.</doc></method>
                          </class>
                          <class name="basic" handler="basic" index="60" label="messages"><doc>Messages.</doc></class>
                        </amqp>
                        """)))
                .containsExactly(
                        "3: reply code: 404 (already on line 2)",
                        "5: domain: flag (already on line 4)",
                        "9: property: type (already on line 8)",
                        "11: method: get (already on line 10)",
                        "11: method index: 70 (already on line 10)",
                        "13: class: basic (already on line 6)",
                        "13: class index: 60 (already on line 6)");
    }

    @Test
    void reportsDanglingReferences() throws IOException {
        assertThat(messages(errorOf("""
                        <amqp major="0" minor="9" revision="1" port="5672">
                          <domain name="hen" type="egg" label="first"/>
                          <domain name="egg" type="hen" label="second"/>
                          <class name="basic" handler="basic" index="60" label="messages">
                            <doc>Messages.</doc>
                            <method name="get" synchronous="1" index="70" content="1" label="fetch">
                              <doc>Fetches.</doc>
                              <response name="get-ok"/>
                            </method>
                            <method name="put" index="71" label="put">
                              <doc>Puts.</doc>
                              <response name="get"/>
                              <field name="key"><doc>Neither domain nor type.</doc></field>
                            </method>
                          </class>
                        </amqp>
                        """)))
                .containsExactly(
                        "1: no class has properties",
                        "2: domain hen: refers to itself",
                        "3: domain egg: refers to itself",
                        "6: response: get-ok (expected: a method of basic)",
                        "6: get: carries content, but class basic has no properties",
                        "10: put: has a response but is not synchronous",
                        "13: key: needs either a domain or a type");
    }

    @Test
    void reportsUnknownElementsAndAttributes() throws IOException {
        assertThat(messages(errorOf("""
                        <amqp major="0" minor="9" revision="1" port="5672">
                          <klass name="basic"/>
                          <class name="basic" handler="basic" index="60" label="messages">
                            <doc>Messages.</doc>
                            <field name="done" type="bit"><doc>A bit.</doc></field>
                            <method name="get" synchronus="1" index="70" label="fetch"><doc>Fetches.</doc></method>
                          </class>
                          <class name="file" handler="file" index="70" label="files">
                            <doc>Files.</doc>
                            <field name="name" type="shortstr"><doc>A name.</doc></field>
                          </class>
                        </amqp>
                        """)))
                .containsExactly(
                        "2: element klass is not allowed in amqp",
                        "5: done: a property cannot be a bit",
                        "6: attribute synchronus is not allowed in method",
                        "8: file: a second class with properties");
    }

    @Test
    void reportsMorePropertiesThanFlags() throws IOException {
        StringBuilder properties = new StringBuilder();
        for (char letter = 'a'; letter <= 'p'; letter++) {
            properties.append("<field name='" + letter + "' type='octet'><doc>A property.</doc></field>");
        }

        assertThat(messages(errorOf("<amqp major='0' minor='9' revision='1' port='5672'>\n"
                        + "<class name='basic' handler='basic' index='60' label='messages'><doc>Messages.</doc>"
                        + properties + "</class></amqp>")))
                .containsExactly("2: properties: 16 (expected: at most 15)");
    }

    @Test
    void reportsTheLineOfMalformedXml() throws IOException {
        List<String> messages = messages(errorOf("<amqp major='0'>\n  <class>\n</amqp>\n"));

        assertThat(messages).singleElement().asString().startsWith("3: not well-formed: ");
    }

    @Test
    void doesNotResolveExternalEntities() throws IOException {
        List<String> messages = messages(
                errorOf("<!DOCTYPE amqp [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>\n<amqp major='0'>&x;</amqp>\n"));

        assertThat(messages).anyMatch(line -> line.contains("has no port") || line.contains("not well-formed"));
    }

    private SpecException errorOf(String xml) throws IOException {
        Path file = folder.resolve("bad.xml");
        Files.writeString(file, xml);
        SpecException error = catchThrowableOfType(SpecException.class, () -> Generator.files(file));
        assertThat(error).isNotNull();
        return error;
    }

    private static List<String> messages(SpecException error) {
        return error.problems().stream()
                .map(problem -> problem.line() + ": " + problem.message())
                .toList();
    }
}
