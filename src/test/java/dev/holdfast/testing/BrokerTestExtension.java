package dev.holdfast.testing;

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

/** Runs a {@link BrokerTest} once for each broker. */
final class BrokerTestExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getTestMethod().isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        RunReport report = RunReport.of(context);
        String test = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        Feature[] needs =
                context.getRequiredTestMethod().getAnnotation(BrokerTest.class).needs();
        return Arrays.stream(BrokerKind.values()).flatMap(kind -> {
            Optional<String> missing = kind.reasonMissing();
            if (missing.isPresent()) {
                report.notRun(kind.toString(), missing.get(), test);
                return Stream.of(new Missing(kind.toString(), missing.get()));
            }
            TestBroker broker = kind.broker();
            Optional<Feature> lackedFeature =
                    Arrays.stream(needs).filter(broker::lacks).findFirst();
            lackedFeature.ifPresent(feature -> report.notRun(broker.toString(), "it lacks " + feature, test));
            return lackedFeature.isPresent() ? Stream.empty() : Stream.of(new Available(broker, report, test));
        });
    }

    /** A run of the test with its broker. */
    private record Available(TestBroker broker, RunReport report, String test)
            implements TestTemplateInvocationContext, ParameterResolver, AfterEachCallback {
        @Override
        public String getDisplayName(int invocationIndex) {
            return broker.toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == TestBroker.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return broker;
        }

        @Override
        public void afterEach(ExtensionContext context) {
            report.ran(broker.toString(), context.getExecutionException().isPresent());
            broker.cleanUp();
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
