import logging.config

from flask import Flask

logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
})


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def hello():
        return "hello world"

    @app.get("/healthz")
    def healthz():
        return "ok"

    return app
