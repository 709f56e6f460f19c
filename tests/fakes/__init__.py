"""Small servers that stand in for what lies outside."""
