package dev.holdfast.testing;

import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a {@link BrokerTest} once for each broker, and a {@link NodeTest} once for each version of RabbitMQ. */
final class BrokerTestExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getTestMethod().isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        RunReport report = RunReport.of(context);
        Method method = context.getRequiredTestMethod();
        String test = context.getRequiredTestClass().getSimpleName() + "." + method.getName();
        BrokerTest brokerTest = method.getAnnotation(BrokerTest.class);
        return brokerTest == null
                ? Arrays.stream(RabbitVersion.values()).map(version -> onNodes(version, report, test))
                : BrokerKind.ofThisRun().stream().flatMap(kind -> onBroker(kind, brokerTest.needs(), report, test));
    }

    private static Stream<TestTemplateInvocationContext> onBroker(
            BrokerKind kind, Feature[] needs, RunReport report, String test) {
        Optional<String> missing = kind.reasonMissing();
        if (missing.isPresent()) {
            return Stream.of(missing(kind.toString(), missing.get(), report, test));
        }
        TestBroker broker = kind.broker();
        Optional<Feature> lackedFeature =
                Arrays.stream(needs).filter(broker::lacks).findFirst();
        lackedFeature.ifPresent(feature -> report.notRun(broker.toString(), "it lacks " + feature, test));
        return lackedFeature.isPresent()
                ? Stream.empty()
                : Stream.of(new Available(broker.toString(), broker, broker::cleanUp, report, test));
    }

    private static TestTemplateInvocationContext onNodes(RabbitVersion version, RunReport report, String test) {
        return version.installed()
                ? new Available(TestNodes.name(version), version, () -> {}, report, test)
                : missing(version.toString(), version.reasonMissing(), report, test);
    }

    private static TestTemplateInvocationContext missing(String kind, String reason, RunReport report, String test) {
        Brokers.refuseOnBuildServer(reason);
        report.notRun(kind, reason, test);
        return new Missing(kind, reason);
    }

    /** A run of the test with its broker, which is a TestBroker, or the version of nodes. */
    private record Available(String name, Object broker, Runnable cleanUp, RunReport report, String test)
            implements TestTemplateInvocationContext, ParameterResolver, AfterEachCallback {
        @Override
        public String getDisplayName(int invocationIndex) {
            return name;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            return type.isInstance(broker) || (type == RabbitNode.class && broker instanceof RabbitVersion);
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RabbitNode.class
                    ? TestNodes.running((RabbitVersion) broker)
                    : broker;
        }

        @Override
        public void afterEach(ExtensionContext context) {
            report.ran(name, context.getExecutionException().isPresent(), test);
            cleanUp.run();
        }
    }

    /** A test whose broker is missing: skipped, and listed in the report at the end. */
    private record Missing(String kind, String reason) implements TestTemplateInvocationContext, ExecutionCondition {
        @Override
        public String getDisplayName(int invocationIndex) {
            return kind;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return ConditionEvaluationResult.disabled(kind + ": " + reason);
        }
    }
}
