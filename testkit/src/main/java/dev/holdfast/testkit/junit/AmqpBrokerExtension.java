package dev.holdfast.testkit.junit;

import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.ScriptedBroker;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Resolves the parameters that {@link AmqpBroker} promises. What it starts is kept in the context of the annotated
 * element, or of the test for a proxy and a scripted broker, and closed when that context ends.
 */
final class AmqpBrokerExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(AmqpBroker.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EmbeddedBroker.class || type == FaultProxy.class || type == ScriptedBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == ScriptedBroker.class) {
            return resources(context).get(ScriptedBroker.class, ScriptedBroker::start);
        }
        EmbeddedBroker broker = resources(annotated(context)).get(EmbeddedBroker.class, EmbeddedBroker::start);
        return type == EmbeddedBroker.class
                ? broker
                : resources(context).get(FaultProxy.class, () -> FaultProxy.to(broker.port()));
    }

    /** The innermost context whose class or method has the annotation. */
    private static ExtensionContext annotated(ExtensionContext context) {
        ExtensionContext current = context;
        while (!AnnotationSupport.isAnnotated(current.getElement(), AmqpBroker.class)) {
            current = current.getParent()
                    .orElseThrow(() -> new IllegalStateException(
                            context.getDisplayName() + ": no @AmqpBroker (expected: on the class or the method)"));
        }
        return current;
    }

    /** JUnit 5 and 6 have no method in common that does both. */
    private static synchronized Resources resources(ExtensionContext context) {
        Store store = context.getStore(NAMESPACE);
        Resources existing = store.get(context.getUniqueId(), Resources.class);
        if (existing != null) {
            return existing;
        }
        Resources created = new Resources();
        store.put(context.getUniqueId(), created);
        return created;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        close(context);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        close(context);
    }

    private static void close(ExtensionContext context) throws Exception {
        Resources resources = context.getStore(NAMESPACE).remove(context.getUniqueId(), Resources.class);
        if (resources != null) {
            resources.close();
        }
    }
}
