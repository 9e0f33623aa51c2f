bind = "0.0.0.0:8080"
accesslog = "-"
errorlog = "-"
