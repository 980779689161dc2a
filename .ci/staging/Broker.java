import dev.holdfast.testkit.EmbeddedBroker;

/** Prints the address of an embedded broker, which runs until the standard input ends. */
class Broker {
    public static void main(String[] arguments) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            System.out.println(broker.uri());
            while (System.in.read() >= 0) {}
        }
    }
}
