package com.example;

import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web service with settings. */
@SpringBootApplication
@RestController
public class Service {
    private static final String VERSION = "mark";

    @Value("${greeting}")
    private String greeting;

    @GetMapping("/")
    Map<String, String> answer() {
        return Map.of("greeting", greeting, "version", VERSION, "id", Extra.id());
    }

    public static void main(String[] arguments) {
        SpringApplication.run(Service.class, arguments);
    }
}
