package dev.holdfast;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house: floors one way, no loops between classes, a closed front. */
class ArchitectureTest {
    private static final String ROOT = "dev.holdfast";
    private static final String INTERNAL = ROOT + ".internal.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(each -> !each.contains("/test-classes/") && !each.contains("testkit"))
            .importPackages(ROOT);

    /** From the top down: a floor uses what stands below it, and no other. Values share the package of the objects. */
    private static final List<String> FLOORS = List.of(
            INTERNAL + "session",
            INTERNAL + "channel",
            INTERNAL + "publish",
            INTERNAL + "inbound",
            INTERNAL + "outbound",
            INTERNAL + "observe",
            INTERNAL + "topology",
            INTERNAL + "transport",
            INTERNAL + "frame",
            INTERNAL + "protocol",
            INTERNAL + "wire",
            INTERNAL + "concurrent");

    /** Packages that are being taken out of {@code session}: they refer to each other until the last of them is out. */
    private static final Set<String> UNORDERED = Set.of(
            INTERNAL + "session",
            INTERNAL + "channel",
            INTERNAL + "publish",
            INTERNAL + "inbound",
            INTERNAL + "outbound",
            INTERNAL + "observe",
            INTERNAL + "topology",
            INTERNAL + "state",
            INTERNAL + "concurrent");

    /** The objects of the public package; whatever else is in it is a value. */
    private static final Set<String> OBJECTS = Set.of(
            "Connection",
            "Channel",
            "Producer",
            "Consumer",
            "Message",
            "SimpleQueue",
            "ChannelSource",
            "RetryLoop",
            "BlockingCalls");

    /** The values that the floors may speak of. */
    private static final Set<String> VALUES = Set.of(
            "Address",
            "AmqpChannelException",
            "AmqpConnectionException",
            "AmqpException",
            "AmqpProtocolException",
            "AmqpTimeoutException",
            "AuthenticationFailedException",
            "Binding",
            "Confirmation",
            "ConnectFailedException",
            "ConnectionListener",
            "ConnectionOptions",
            "ConnectionStatistics",
            "ConsumeOptions",
            "Credentials",
            "Declarable",
            "Delivery",
            "DeliveryHandler",
            "Exchange",
            "Failover",
            "HeartbeatTimeoutException",
            "MessageProperties",
            "NackedException",
            "PublishException",
            "PublishOptions",
            "Queue",
            "QueueInfo",
            "ReplyCode",
            "RetriesExhaustedException",
            "RetryPolicy",
            "ReturnedMessage",
            "TlsFailedException",
            "TlsOptions",
            "Transport",
            "UnroutableException",
            "Unsigned");

    /** Values that encode themselves: PublishOptions once for all its messages. */
    private static final Map<String, Set<String>> VALUES_THAT_LOOK_IN =
            Map.of("PublishOptions", Set.of("PublishTemplate"));

    /** Made for extension, within this library. */
    private static final Set<String> EXTENDED =
            Set.of("AmqpConnectionException", "ConnectFailedException", "PublishException", "SerializationException");

    @Test
    void floorsUseOnlyWhatIsBelow() {
        for (int i = 0; i < FLOORS.size(); i++) {
            boolean unordered = UNORDERED.contains(FLOORS.get(i));
            String[] above = FLOORS.subList(0, i).stream()
                    .filter(each -> !unordered || !UNORDERED.contains(each))
                    .toArray(String[]::new);
            if (above.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage(FLOORS.get(i))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void everyPackageHasItsFloor() {
        Set<String> known = new TreeSet<>(FLOORS);
        known.addAll(List.of(ROOT, ROOT + ".pool", ROOT + ".serialization", INTERNAL + "state"));
        Set<String> packages =
                CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).isSubsetOf(known);
    }

    @Test
    void internalKnowsOnlyTheValues() {
        DescribedPredicate<JavaClass> noValue = DescribedPredicate.describe(
                "are no values",
                each -> each.getBaseComponentType().getPackageName().equals(ROOT)
                        && !VALUES.contains(outer(each.getBaseComponentType()).getSimpleName()));
        noClasses()
                .that()
                .resideInAPackage("dev.holdfast.internal..")
                .should()
                .dependOnClassesThat(noValue)
                .check(CLASSES);
        assertThat(VALUES).doesNotContainAnyElementsOf(OBJECTS);
    }

    @Test
    void valuesStandAtTheBottom() {
        classes()
                .that(DescribedPredicate.describe(
                        "are values",
                        each -> each.getPackageName().equals(ROOT)
                                && !OBJECTS.contains(outer(each).getSimpleName())))
                .should(condition("use no floor and no object", (value, target) -> {
                    boolean floor = target.getPackageName().startsWith(INTERNAL)
                            && !VALUES_THAT_LOOK_IN
                                    .getOrDefault(value.getSimpleName(), Set.of())
                                    .contains(target.getSimpleName());
                    return floor || (target.getPackageName().equals(ROOT) && OBJECTS.contains(target.getSimpleName()));
                }))
                .check(CLASSES);
    }

    @Test
    void serializationKnowsNoAmqp() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".serialization")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "speak AMQP",
                        each -> each.getPackageName().startsWith(INTERNAL)
                                || (each.getPackageName().equals(ROOT)
                                        && !each.getSimpleName().endsWith("Exception"))))
                .check(CLASSES);
    }

    @Test
    void noClassesReferToEachOtherRoundALoop() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass each : CLASSES) {
            JavaClass user = outer(each);
            if (user.getPackageName().equals(INTERNAL + "protocol")) {
                continue; // generated: the sealed parent names all its methods
            }
            Set<String> used = uses.computeIfAbsent(user.getName(), name -> new TreeSet<>());
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> outer(dependency.getTargetClass().getBaseComponentType()))
                    .filter(target -> target.getPackageName().startsWith(ROOT) && !target.equals(user))
                    .map(JavaClass::getName)
                    .forEach(used::add);
        }
        assertThat(Loops.in(uses)).isEmpty();
    }

    @Test
    void publicSignaturesNameNeitherInternalsNorNetty() {
        classes()
                .that()
                .resideInAnyPackage(ROOT, ROOT + ".pool", ROOT + ".serialization")
                .and()
                .arePublic()
                .should(new ArchCondition<>("name only public types in public signatures") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        Signatures.of(each)
                                .filter(type -> type.startsWith(INTERNAL) || type.startsWith("io.netty"))
                                .forEach(type -> events.add(violated(each, each.getName() + " shows " + type)));
                    }
                })
                .check(CLASSES);
    }

    @Test
    void stateMachinesArePure() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "state")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "do I/O, tell the time, log or run threads",
                        each -> Stream.of(
                                                "io.netty",
                                                "java.io.",
                                                "java.nio.channels",
                                                "java.net",
                                                "java.time.Clock",
                                                "java.util.concurrent",
                                                "java.lang.System$Logger",
                                                "java.lang.Thread")
                                        .anyMatch(each.getName()::startsWith)
                                && !each.getName().equals("java.io.Serializable")))
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    void classesAreClosed() {
        classes()
                .that(DescribedPredicate.describe(
                        "are open", each -> !each.isInterface() && !EXTENDED.contains(each.getSimpleName())))
                .should(new ArchCondition<>("be final, abstract, an enum or a record") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        Set<JavaModifier> modifiers = each.getModifiers();
                        boolean closed = modifiers.contains(JavaModifier.FINAL)
                                || modifiers.contains(JavaModifier.ABSTRACT)
                                || each.isEnum()
                                || each.isAnonymousClass();
                        if (!closed) {
                            events.add(violated(each, each.getName() + " is open"));
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void filesAreShort() throws IOException {
        Map<String, Long> tooLong = new TreeMap<>();
        List<String> worthALook = new ArrayList<>();
        try (Stream<Path> files = Files.walk(sources())) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                long lines = Files.readAllLines(file).size();
                if (lines > 500) {
                    tooLong.put(file.getFileName().toString(), lines);
                } else if (lines > 300) {
                    worthALook.add(file.getFileName() + " " + lines);
                }
            }
        }
        assertThat(tooLong)
                .as("files over 500 lines (over 300: %s)", worthALook)
                .isEmpty();
    }

    private static Path sources() {
        Path inModule = Path.of("main", "java");
        return Files.isDirectory(inModule) ? inModule : Path.of("src", "main", "java");
    }

    private static JavaClass outer(JavaClass each) {
        return each.getEnclosingClass().map(ArchitectureTest::outer).orElse(each);
    }

    private interface Refused {
        boolean test(JavaClass user, JavaClass target);
    }

    private static ArchCondition<JavaClass> condition(String description, Refused refused) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass each, ConditionEvents events) {
                JavaClass user = outer(each);
                each.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> refused.test(
                                user, outer(dependency.getTargetClass().getBaseComponentType())))
                        .forEach(dependency -> events.add(violated(each, dependency.getDescription())));
            }
        };
    }
}
