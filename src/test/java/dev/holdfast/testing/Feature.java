package dev.holdfast.testing;

/**
 * A feature that one of the test brokers lacks. BrokerFeaturesIT tries every feature at every broker, so the list
 * is neither too long nor too short.
 */
public enum Feature {
    ANON_EXCHANGE_FOR_NAMESAKES("the default exchange for a queue that shares its name with an exchange"),
    CONSUMER_CANCEL_NOTIFY("basic.cancel to a consumer whose queue is deleted"),
    DISCARD("basic.nack and basic.reject that discard"),
    EXCHANGE_BIND("bindings between exchanges"),
    EXCHANGE_REFUSED_SOFTLY("a refusal of an exchange of another type that leaves the connection open"),
    EXPIRATION("an expiration that is a time to live"),
    NACK_MULTIPLE("basic.nack of several messages at once"),
    QUEUE_ARGUMENTS("RabbitMQ's queue arguments, such as x-expires"),
    QUEUE_EQUIVALENCE("a refusal of a queue that is declared again with another durability");

    private final String description;

    Feature(String description) {
        this.description = description;
    }

    @Override
    public String toString() {
        return description;
    }
}
