package dev.holdfast;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on packages and classes: floors, loops, public signatures, purity, closed classes. */
class ArchitectureTest {
    private static final String ROOT = "dev.holdfast";
    private static final String INTERNAL = ROOT + ".internal.";
    private static final String[] EXPORTED = {ROOT, ROOT + ".pool", ROOT + ".serialization"};
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("testkit"))
            .importPackages(ROOT);

    /** A package may use packages of smaller floors only, and of its own floor those in {@link #SIDEWAYS}. */
    private static final Map<String, Integer> FLOORS = Map.ofEntries(
            Map.entry("session", 8),
            Map.entry("channel", 7),
            Map.entry("publish", 6),
            Map.entry("inbound", 6),
            Map.entry("outbound", 5),
            Map.entry("observe", 4),
            Map.entry("transport", 3),
            Map.entry("topology", 2),
            Map.entry("eventloop", 2),
            Map.entry("frame", 2),
            Map.entry("json", 2),
            Map.entry("state", 1),
            Map.entry("protocol", 1),
            Map.entry("wire", 1),
            Map.entry("concurrent", 1),
            Map.entry("text", 0));

    /** Pairs on one floor: the first may use the second. */
    private static final Map<String, String> SIDEWAYS = Map.of("state", "protocol", "protocol", "wire");

    /** Packages of the API's objects. A root class that reaches one of them is an object, any other is a value. */
    private static final Set<String> OBJECT_PACKAGES = Set.of("session", "channel", "publish");

    /**
     * PublishOptions encodes itself once for all its messages; RetryLoop logs what user code throws; Arguments refuses
     * what the wire cannot carry; ConnectionUri decodes UTF-8; EventLoops owns or borrows the threads of sessions.
     */
    private static final Map<String, Set<String>> VALUES_WITH_INTERNALS = Map.of(
            "PublishOptions", Set.of(INTERNAL + "frame.PublishTemplate"),
            "RetryLoop", Set.of(INTERNAL + "concurrent.UserCallbacks"),
            "Arguments", Set.of(INTERNAL + "wire.FieldValues", INTERNAL + "text.Utf8"),
            "ConnectionUri", Set.of(INTERNAL + "text.Utf8"),
            "EventLoops",
                    Set.of(
                            INTERNAL + "eventloop.IoThreads",
                            INTERNAL + "eventloop.NettyTransport",
                            INTERNAL + "eventloop.NettyVersion"));

    /** Classes that other classes of this library extend. */
    private static final Set<String> EXTENDED = Set.of(
            "AmqpConnectionException",
            "ConnectFailedException",
            "PublishException",
            "PendingRpc",
            "SerializationException");

    /** What is documented as integration of Netty: classes with the type that they show. */
    private static final Map<String, String> NETTY_INTEGRATION =
            Map.of("EventLoops", "io.netty.channel.EventLoopGroup");

    private static final int MAX_CONSTRUCTOR_PARAMETERS = 5;

    @Test
    void everyPackageHasItsFloor() {
        Set<String> expected =
                FLOORS.keySet().stream().map(name -> INTERNAL + name).collect(Collectors.toSet());
        expected.addAll(Set.of(EXPORTED));

        Set<String> packages = CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
        assertThat(packages).isEqualTo(expected);
    }

    @Test
    void packagesUseLowerFloorsOnly() {
        classes()
                .that()
                .resideInAPackage(INTERNAL + "*")
                .should(dependOnlyWhere("use packages of lower floors only", (user, target) -> {
                    String from = internalName(user);
                    String to = internalName(target);
                    return to.isEmpty()
                            || from.equals(to)
                            || to.equals(SIDEWAYS.get(from))
                            || FLOORS.get(to) < FLOORS.get(from);
                }))
                .check(CLASSES);
    }

    @Test
    void topologyKnowsOnlyStateConcurrencyAndProtocol() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "topology")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(INTERNAL + "frame", INTERNAL + "wire", INTERNAL + "transport")
                .check(CLASSES);
    }

    @Test
    void internalClassesUseNoObjectOfTheApi() {
        Set<String> objects = objects();
        assertThat(objects).contains(ROOT + ".Connection", ROOT + ".Channel", ROOT + ".Producer", ROOT + ".Consumer");
        classes()
                .that()
                .resideInAPackage(INTERNAL + "*")
                .should(dependOnlyWhere(
                        "use values of the API only", (user, target) -> !objects.contains(target.getName())))
                .check(CLASSES);
    }

    @Test
    void valuesUseNoInternals() {
        Set<String> objects = objects();
        classes()
                .that(DescribedPredicate.describe(
                        "are values",
                        each -> each.getPackageName().equals(ROOT)
                                && !objects.contains(outer(each).getName())))
                .should(dependOnlyWhere(
                        "use no internal class",
                        (user, target) -> internalName(target).isEmpty()
                                || VALUES_WITH_INTERNALS
                                        .getOrDefault(user.getSimpleName(), Set.of())
                                        .contains(target.getName())))
                .check(CLASSES);
    }

    @Test
    void serializationKnowsNoAmqp() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".serialization")
                .should(dependOnlyWhere(
                        "know exceptions of the API, JSON, text and pools only",
                        (user, target) -> !target.getPackageName().startsWith(ROOT)
                                || target.getPackageName().equals(ROOT + ".serialization")
                                || internalName(target).matches("json|text")
                                || target.getSimpleName().equals("StripedPool")
                                || (target.getPackageName().equals(ROOT)
                                        && target.getSimpleName().endsWith("Exception"))))
                .check(CLASSES);
    }

    /** A program without the other Jackson, or without both, loads neither. */
    @Test
    void jacksonIsUsedByClassesOfItsVersionOnly() {
        for (Map.Entry<String, String> library :
                Map.of("Jackson2", "com.fasterxml", "Jackson3", "tools.jackson").entrySet()) {
            classes()
                    .that(DescribedPredicate.describe(
                            "are not named after " + library.getKey(),
                            each -> !outer(each).getSimpleName().startsWith(library.getKey())))
                    .should()
                    .onlyDependOnClassesThat(DescribedPredicate.describe(
                            "are not of " + library.getValue(),
                            target -> !target.getPackageName().startsWith(library.getValue())))
                    .check(CLASSES);
        }
    }

    @Test
    void onlyOutboundTouchesTheFieldsOfSegmentAndWindow() {
        classes()
                .that()
                .resideOutsideOfPackage(INTERNAL + "outbound")
                .should(new ArchCondition<>("call methods of Segment and ConfirmWindow") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        for (JavaFieldAccess access : each.getFieldAccessesFromSelf()) {
                            JavaClass owner = access.getTargetOwner();
                            boolean guarded = owner.getName().equals(INTERNAL + "outbound.Segment")
                                    || owner.getName().equals(INTERNAL + "outbound.ConfirmWindow");
                            if (guarded) {
                                events.add(violated(each, access.getDescription()));
                            }
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void noClassesReferToEachOtherInALoop() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass each : CLASSES) {
            JavaClass user = outer(each);
            if (!user.getPackageName()
                    .equals(INTERNAL + "protocol")) { // generated: the sealed parent names its methods
                uses.computeIfAbsent(user.getName(), name -> new TreeSet<>())
                        .addAll(dependencies(each)
                                .filter(target -> !target.equals(user))
                                .map(JavaClass::getName)
                                .toList());
            }
        }

        assertThat(Loops.in(uses)).isEmpty();
    }

    @Test
    void publicSignaturesNameNeitherInternalsNorNetty() {
        classes()
                .that()
                .resideInAnyPackage(EXPORTED)
                .and()
                .arePublic()
                .should(new ArchCondition<>("name only public types in public signatures") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        Signatures.of(each)
                                .filter(type -> type.startsWith(INTERNAL) || type.startsWith("io.netty"))
                                .filter(type -> !type.equals(NETTY_INTEGRATION.get(each.getSimpleName())))
                                .forEach(type -> events.add(violated(each, each.getName() + " shows " + type)));
                    }
                })
                .check(CLASSES);
    }

    @Test
    void stateIsPure() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "state")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "do I/O, read a clock, log or run threads",
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
    void classesAreFinalOrAbstract() {
        classes()
                .that(DescribedPredicate.describe(
                        "are extended by no class",
                        each -> !each.isInterface() && !EXTENDED.contains(each.getSimpleName())))
                .should(new ArchCondition<>("be final, abstract, an enum or a record") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        Set<JavaModifier> modifiers = each.getModifiers();
                        boolean closed = modifiers.contains(JavaModifier.FINAL)
                                || modifiers.contains(JavaModifier.ABSTRACT)
                                || each.isEnum()
                                || each.isAnonymousClass();
                        if (!closed) {
                            events.add(violated(each, each.getName() + " can be extended"));
                        }
                    }
                })
                .check(CLASSES);
    }

    /** Values take their data as parameters; this is a rule for classes that collaborate. */
    @Test
    void constructorsTakeFiveParametersAtMost() {
        Set<String> objects = objects();
        classes()
                .that(DescribedPredicate.describe(
                        "are no values",
                        each -> !each.isRecord()
                                && !each.isEnum()
                                && (objects.contains(outer(each).getName())
                                        || !internalName(each).matches("|protocol"))))
                .should(new ArchCondition<>("have constructors of five parameters at most") {
                    @Override
                    public void check(JavaClass each, ConditionEvents events) {
                        for (JavaConstructor constructor : each.getConstructors()) {
                            int parameters = constructor.getRawParameterTypes().size();
                            if (parameters > MAX_CONSTRUCTOR_PARAMETERS
                                    && !constructor.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                                events.add(violated(each, each.getName() + " takes " + parameters + " parameters"));
                            }
                        }
                    }
                })
                .check(CLASSES);
    }

    /** Root classes that reach a package of objects, directly or by other root classes. */
    private static Set<String> objects() {
        Map<String, Set<String>> users = new TreeMap<>();
        Set<String> found = new TreeSet<>();
        for (JavaClass each : CLASSES) {
            if (each.getPackageName().equals(ROOT) || each.getPackageName().equals(ROOT + ".pool")) {
                String user = outer(each).getName();
                dependencies(each).forEach(target -> {
                    if (OBJECT_PACKAGES.contains(internalName(target))) {
                        found.add(user);
                    } else {
                        users.computeIfAbsent(target.getName(), name -> new TreeSet<>())
                                .add(user);
                    }
                });
            }
        }
        Set<String> newest = new TreeSet<>(found);
        while (!newest.isEmpty()) {
            Set<String> next = newest.stream()
                    .flatMap(name -> users.getOrDefault(name, Set.of()).stream())
                    .filter(name -> !found.contains(name))
                    .collect(Collectors.toCollection(TreeSet::new));
            found.addAll(next);
            newest = next;
        }
        return found;
    }

    private static String internalName(JavaClass each) {
        String name = each.getPackageName();
        return name.startsWith(INTERNAL) ? name.substring(INTERNAL.length()) : "";
    }

    private static Stream<JavaClass> dependencies(JavaClass each) {
        return each.getDirectDependenciesFromSelf().stream()
                .map(dependency -> outer(dependency.getTargetClass().getBaseComponentType()))
                .filter(target -> target.getPackageName().startsWith(ROOT));
    }

    private static JavaClass outer(JavaClass each) {
        return each.getEnclosingClass().map(ArchitectureTest::outer).orElse(each);
    }

    private interface Allowed {
        boolean test(JavaClass user, JavaClass target);
    }

    private static ArchCondition<JavaClass> dependOnlyWhere(String description, Allowed allowed) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass each, ConditionEvents events) {
                JavaClass user = outer(each);
                each.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> !allowed.test(
                                user, outer(dependency.getTargetClass().getBaseComponentType())))
                        .forEach(dependency -> events.add(violated(each, dependency.getDescription())));
            }
        };
    }
}
