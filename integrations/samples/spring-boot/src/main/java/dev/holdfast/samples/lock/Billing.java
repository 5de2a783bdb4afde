package dev.holdfast.samples.lock;

import dev.holdfast.spring.Locked;
import org.springframework.stereotype.Component;

/** Whoever bills a customer is the only one. */
@Component
public class Billing {

    @Locked(name = "bill", key = "#customer")
    public String bill(String customer) {
        return "No other instance bills " + customer + " now";
    }
}
