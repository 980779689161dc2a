package dev.holdfast.testing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Prints the slowest test classes, from the reports of Surefire and Failsafe. The build runs it at its end. */
public final class SlowestTests {
    private static final int SHOWN = 10;

    private SlowestTests() {}

    private record Suite(String name, double seconds) {}

    /** Reads the reports in these folders, if they exist. */
    public static void main(String[] folders) throws IOException, XMLStreamException {
        List<Suite> suites = new ArrayList<>();
        for (String folder : folders) {
            if (Files.isDirectory(Path.of(folder))) {
                try (DirectoryStream<Path> reports = Files.newDirectoryStream(Path.of(folder), "TEST-*.xml")) {
                    for (Path report : reports) {
                        suites.add(read(report));
                    }
                }
            }
        }
        suites.sort(Comparator.comparingDouble(Suite::seconds).reversed());
        System.out.printf("%n---- the slowest of %d test classes ----%n", suites.size());
        suites.stream()
                .limit(SHOWN)
                .forEach(suite -> System.out.printf("%8.1f s  %s%n", suite.seconds(), suite.name()));
        System.out.println();
    }

    private static Suite read(Path report) throws IOException, XMLStreamException {
        XMLStreamReader xml = XMLInputFactory.newFactory().createXMLStreamReader(Files.newInputStream(report));
        try {
            xml.nextTag(); // <testsuite name time>
            return new Suite(
                    xml.getAttributeValue(null, "name"), Double.parseDouble(xml.getAttributeValue(null, "time")));
        } finally {
            xml.close();
        }
    }
}
