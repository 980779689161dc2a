package dev.holdfast.codegen.model;

import com.palantir.javapoet.ClassName;
import java.util.List;

/** The protocol with every name resolved, the input of the emitters. {@code source} is the name of the file. */
public record Protocol(
        String source,
        List<Constant> constants,
        List<ReplyCode> replyCodes,
        List<AmqpClass> classes,
        List<Argument> properties) {

    /** A constant of the protocol that is not a reply code. */
    public record Constant(String javaName, int value, String doc) {}

    /** A reply code with the scope that it closes. */
    public record ReplyCode(String javaName, int code, Scope scope, String doc) {}

    /** The scope that a reply code closes. */
    public enum Scope {
        NONE,
        CHANNEL,
        CONNECTION
    }

    /** A class of the protocol and the Java class that holds its methods. */
    public record AmqpClass(String name, ClassName javaType, String label, String doc, List<AmqpMethod> methods) {}

    /** A method of the protocol, by its full name such as {@code queue.declare}. */
    public record AmqpMethod(
            String name,
            ClassName javaType,
            int classId,
            int methodId,
            boolean synchronous,
            boolean content,
            String label,
            String doc,
            List<WireStep> steps) {

        /** Returns the arguments without reserved ones; empty for a method without arguments of its own. */
        public List<Argument> components() {
            return steps.stream()
                    .flatMap(step -> step.arguments().stream())
                    .filter(argument -> !argument.reserved())
                    .toList();
        }
    }
}
