package com.example;

final class Extra {
    static String id() {
        return "none";
    }
}
